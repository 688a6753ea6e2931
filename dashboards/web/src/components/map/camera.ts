// Where the map looks: the whole park, and how it lies on the screen then.
import type { FitBoundsOptions, Map as MapLibre } from 'maplibre-gl';

import type { Site } from '../../api/contract';
import { between, type LngLat, lngLatOf, originOf } from '../../domain/geo';
import { boundsOf, type Projection } from '../../domain/plan';

/** Differences that nobody sees. */
const SAME_ZOOM = 0.02;
const SAME_PX = 3;

/** South-west and north-east of the park, with `around` times its size around it. */
export function cornersOf(site: Site, around = 0): [LngLat, LngLat] {
  const { x, y, width, height } = boundsOf(site);
  const more = Math.max(width, height) * around;
  const origin = originOf(site);
  return [
    lngLatOf({ x_m: x - more, y_m: y - more }, origin),
    lngLatOf({ x_m: x + width + more, y_m: y + height + more }, origin),
  ];
}

/** Whether it lies as the whole park does, whatever moved it. */
export function liesWhole(map: MapLibre, site: Site, fitting: FitBoundsOptions): boolean {
  const fitted = map.cameraForBounds(cornersOf(site), fitting);
  if (fitted?.center === undefined || fitted.zoom === undefined) {
    return true;
  }
  const [wanted, is] = [map.project(fitted.center), map.project(map.getCenter())];
  return Math.abs(fitted.zoom - map.getZoom()) < SAME_ZOOM && wanted.dist(is) < SAME_PX;
}

export function projectionOf(map: MapLibre, site: Site): Projection {
  const [southWest, northEast] = cornersOf(site);
  return between(boundsOf(site), map.project(southWest), map.project(northEast));
}
