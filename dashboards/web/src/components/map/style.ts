// The style of the map: the areas of the park in the colours of the page, made here, above the base
// map where there is one. It names no font, no picture and no other host: what is written on the
// map is drawn above it.
import type { FeatureCollection } from 'geojson';
import type { StyleSpecification } from 'maplibre-gl';

import type { Area } from '../../api/contract';
import { lngLatOf, type Origin } from '../../domain/geo';
import type { Base } from './archive';
import { baseStyle } from './baseStyle';

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** The areas as closed polygons. */
export function shapesOf(areas: readonly Area[], origin: Origin): FeatureCollection {
  const features = areas.filter(({ outline }) => outline.length > 2).map((area) => {
    const ring = area.outline.map((position) => lngLatOf(position, origin));
    return {
      type: 'Feature' as const,
      properties: { kind: area.kind },
      geometry: { type: 'Polygon' as const, coordinates: [[...ring, ...ring.slice(0, 1)]] },
    };
  });
  return { type: 'FeatureCollection', features };
}

const IS_DASHED = ['in', ['get', 'kind'], ['literal', ['receptor', 'fence-line']]];

/** What lies below an area shows through it a little. */
const OVER_BASE = 0.7;

/** The style in the colours of the theme that is on. */
export function styleOf(
  areas: readonly Area[], origin: Origin, base: Base | null,
): StyleSpecification {
  const below = baseStyle(base, colour);
  const line = {
    'line-color': ['match', ['get', 'kind'], 'receptor', colour('--text'), colour('--area-line')],
    'line-width': ['match', ['get', 'kind'], 'receptor', 2, 1.5],
  };
  return {
    version: 8,
    sources: { ...below.sources, areas: { type: 'geojson', data: shapesOf(areas, origin) } },
    layers: [
      {
        id: 'ground', type: 'background', paint: { 'background-color': colour('--panel') },
      },
      ...below.layers,
      {
        id: 'areas', type: 'fill', source: 'areas',
        paint: {
          'fill-color': colour('--area'), 'fill-opacity': base === null ? 1 : OVER_BASE,
        },
      },
      { id: 'edges', type: 'line', source: 'areas', filter: ['!', IS_DASHED], paint: line },
      {
        id: 'dashes', type: 'line', source: 'areas', filter: IS_DASHED,
        paint: { ...line, 'line-dasharray': [4, 2.5] },
      },
    ] as StyleSpecification['layers'],
  };
}
