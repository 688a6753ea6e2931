// Metres of the park as degrees in WGS-84, for the map: east and north of its origin, on a sphere,
// like the station's own (`snapshot.rs`). Without an origin the park lies where 0° crosses 0°: the
// shapes are the same, only no base map may lie below them.
import type { Position } from '../api/contract';
import type { Box, Point, Projection } from './plan';

/** Metres of a degree of latitude on a sphere of 6,371 km. */
const DEGREE_M = (Math.PI * 6_371_000) / 180;

export interface Origin {
  latitude_deg: number;
  longitude_deg: number;
}

export type LngLat = [lng: number, lat: number];

const NOWHERE: Origin = { latitude_deg: 0, longitude_deg: 0 };

/** Where a site says that it is. */
export function originOf(site: { origin?: Origin | null | undefined }): Origin {
  return site.origin ?? NOWHERE;
}

export function lngLatOf(position: Position, origin: Origin): LngLat {
  const across = DEGREE_M * Math.cos((origin.latitude_deg * Math.PI) / 180);
  return [
    origin.longitude_deg + position.x_m / across,
    origin.latitude_deg + position.y_m / DEGREE_M,
  ];
}

/** A projection that is straight between two corners of a box: a map of a park is no rounder. */
export function between(box: Box, southWest: Point, northEast: Point): Projection {
  const across = (northEast.x - southWest.x) / box.width;
  const up = (southWest.y - northEast.y) / box.height;
  return {
    scale: Math.max(across, 1e-6),
    at: (position) => ({
      x: southWest.x + (position.x_m - box.x) * across,
      y: southWest.y - (position.y_m - box.y) * up,
    }),
  };
}

/** How what was drawn with one projection is moved to lie as with another: a CSS transform. */
export function shiftOf(drawn: Projection, now: Projection): string {
  const factor = now.scale / drawn.scale;
  const [from, to] = [drawn.at({ x_m: 0, y_m: 0 }), now.at({ x_m: 0, y_m: 0 })];
  const [x, y] = [to.x - from.x * factor, to.y - from.y * factor];
  return `translate(${x.toFixed(2)}px, ${y.toFixed(2)}px) scale(${factor.toFixed(5)})`;
}
