// The base map in the colours of the page: quiet shapes below the park, without words.
import type { StyleSpecification } from 'maplibre-gl';

import { type BaseLayer, baseLayers } from '../../domain/basemap';
import type { Base } from './archive';

export const BASE = 'base';

/** Lines are as wide as on the ground from afar, and never thinner than a hair. */
function widthOf(widthPx: number): unknown[] {
  return ['interpolate', ['exponential', 1.6], ['zoom'], 12, Math.max(widthPx / 12, 0.5), 18,
    widthPx];
}

function layerOf(
  { id, from, type, paint, filter, widthPx }: BaseLayer, colour: (name: string) => string,
): object {
  const tone = colour(`--base-${paint}`);
  return {
    id: `${BASE}-${id}`, type, source: BASE, 'source-layer': from, filter,
    ...(type === 'fill'
      ? { paint: { 'fill-color': tone } }
      : {
        layout: { 'line-cap': 'round', 'line-join': 'round' },
        paint: { 'line-color': tone, 'line-width': widthOf(widthPx ?? 1) },
      }),
  };
}

/** Its source and layers, none without one. */
export function baseStyle(
  base: Base | null, colour: (name: string) => string,
): Pick<StyleSpecification, 'sources' | 'layers'> {
  if (base === null) {
    return { sources: {}, layers: [] };
  }
  const { tiles, minZoom, maxZoom, bounds, schema } = base;
  return {
    sources: {
      [BASE]: { type: 'vector', tiles: [tiles], minzoom: minZoom, maxzoom: maxZoom, bounds },
    },
    layers: baseLayers(schema).map((layer) =>
      layerOf(layer, colour)) as StyleSpecification['layers'],
  };
}
