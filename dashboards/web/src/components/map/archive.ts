// The file of the base map, read from the station range by range as tiles are needed. Loaded only
// where a site has one.
import { addProtocol, type RequestParameters } from 'maplibre-gl';
import { FetchSource, PMTiles, TileType } from 'pmtiles';

import { layerNames, type Schema, schemaOf } from '../../domain/basemap';

const FILE = '/api/v1/map/tiles';
const PROTOCOL = 'siskin-base';
const ADDRESS = new RegExp(`^${PROTOCOL}://(\\d+)/(\\d+)/(\\d+)/(\\d+)$`);
/** Header and metadata are small: a station that does not give them within this time does not. */
const OPEN_WAIT_MAX_MS = 15_000;

/** A file that was opened. */
export interface Base {
  schema: Schema;
  /** The address of its tiles for the map. */
  tiles: string;
  minZoom: number;
  maxZoom: number;
  bounds: [west: number, south: number, east: number, north: number];
  close: () => void;
}

const archives = new Map<string, PMTiles>();
let opened = 0;

async function tileAt({ url }: RequestParameters, { signal }: AbortController) {
  const [, key = '', z, x, y] = ADDRESS.exec(url) ?? [];
  const archive = archives.get(key);
  if (archive === undefined) {
    throw new Error(`no base map is open at ${url}`);
  }
  const found = await archive.getZxy(Number(z), Number(x), Number(y), signal);
  return { data: found?.data ?? new ArrayBuffer(0) };
}

addProtocol(PROTOCOL, tileAt);

function within<T>(waitMs: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = window.setTimeout(() => {
      reject(new Error(`no answer within ${waitMs} ms`));
    }, waitMs);
    work.then(resolve, reject).finally(() => {
      window.clearTimeout(timer);
    });
  });
}

/** Reads what the file says of itself; what is no map of known layers is refused. */
export async function openBase(): Promise<Base> {
  const archive = new PMTiles(new FetchSource(new URL(FILE, window.location.href).href));
  const [header, metadata] = await within(OPEN_WAIT_MAX_MS,
    Promise.all([archive.getHeader(), archive.getMetadata()]));
  const schema = schemaOf(layerNames(metadata));
  if (header.tileType !== TileType.Mvt || schema === null) {
    throw new Error('the file of the base map has no layers that are known');
  }
  opened += 1;
  const key = String(opened);
  archives.set(key, archive);
  return {
    schema,
    tiles: `${PROTOCOL}://${key}/{z}/{x}/{y}`,
    minZoom: header.minZoom,
    maxZoom: header.maxZoom,
    bounds: [header.minLon, header.minLat, header.maxLon, header.maxLat],
    close: () => {
      archives.delete(key);
    },
  };
}
