// What is drawn of the world below the park: a few quiet layers of a vector map, by the names of
// Protomaps' basemap or of OpenMapTiles. No words: fonts would have to come along.

export type Schema = 'protomaps' | 'openmaptiles';

/** How the base map is; `partly`: it is drawn, and something of it could not be read. */
export type BaseState = 'none' | 'reading' | 'drawn' | 'partly' | 'failed';

/** Each is a colour of both themes, `--base-<paint>`. */
export type Paint = 'land' | 'green' | 'water' | 'building' | 'road';

type Expression = readonly unknown[];

export interface BaseLayer {
  id: string;
  /** The layer of the file. */
  from: string;
  type: 'fill' | 'line';
  paint: Paint;
  filter: Expression;
  /** Of a line, in pixels at zoom 18. */
  widthPx?: number;
}

const OWN_NAMES: Record<Schema, readonly string[]> = {
  openmaptiles: ['transportation', 'waterway', 'building', 'aeroway'],
  protomaps: ['roads', 'buildings', 'earth', 'pois', 'places'],
};

/** Whose names the layers of a file have; null: nobody's that is known here. */
export function schemaOf(names: readonly string[]): Schema | null {
  const known = (schema: Schema) => OWN_NAMES[schema].some((name) => names.includes(name));
  return known('openmaptiles') ? 'openmaptiles' : known('protomaps') ? 'protomaps' : null;
}

/** The names of layers in the metadata of a file. */
export function layerNames(metadata: unknown): string[] {
  if (typeof metadata !== 'object' || metadata === null || !('vector_layers' in metadata)) {
    return [];
  }
  const layers: unknown = metadata.vector_layers;
  return (Array.isArray(layers) ? (layers as unknown[]) : []).flatMap((layer) =>
    (typeof layer === 'object' && layer !== null && 'id' in layer && typeof layer.id === 'string'
      ? [layer.id] : []));
}

const shaped = (shapes: readonly string[]): Expression =>
  ['match', ['geometry-type'], shapes, true, false];
const FACES = shaped(['Polygon', 'MultiPolygon']);
const LINES = shaped(['LineString', 'MultiLineString']);
const among = (key: string, words: readonly string[]): Expression =>
  ['match', ['get', key], words, true, false];
const other = (key: string, words: readonly string[]): Expression =>
  ['match', ['get', key], words, false, true];
const all = (...parts: Expression[]): Expression => ['all', ...parts];

const GREEN = ['park', 'forest', 'wood', 'grass', 'grassland', 'scrub', 'meadow', 'wetland',
  'farmland', 'orchard', 'vineyard', 'nature_reserve', 'national_park', 'garden', 'cemetery',
  'golf_course', 'recreation_ground', 'village_green'];
const BUILT = ['industrial', 'commercial', 'residential', 'retail', 'railway', 'military',
  'urban_area'];

/** Roads that are wide from afar; what is no road of the ground is left out. */
function roads(from: string, key: string, major: readonly string[]): BaseLayer[] {
  const none = [...major, 'ferry'];
  return [
    {
      id: 'minor', from, type: 'line', paint: 'road', widthPx: 5,
      filter: all(LINES, other(key, none)),
    },
    {
      id: 'major', from, type: 'line', paint: 'road', widthPx: 12,
      filter: all(LINES, among(key, major)),
    },
  ];
}

function ground(from: string, key: string): BaseLayer[] {
  const face = { from, type: 'fill' as const };
  return [
    { ...face, id: `${from}-land`, paint: 'land', filter: all(FACES, among(key, BUILT)) },
    { ...face, id: `${from}-green`, paint: 'green', filter: all(FACES, among(key, GREEN)) },
  ];
}

function waters(from: string, lines: string): BaseLayer[] {
  return [
    { id: 'water', from, type: 'fill', paint: 'water', filter: FACES },
    { id: 'streams', from: lines, type: 'line', paint: 'water', filter: LINES, widthPx: 4 },
  ];
}

const buildings = (from: string): BaseLayer =>
  ({ id: 'buildings', from, type: 'fill', paint: 'building', filter: FACES });

const LAYERS: Record<Schema, readonly BaseLayer[]> = {
  protomaps: [
    ...ground('landcover', 'kind'), ...ground('landuse', 'kind'), ...waters('water', 'water'),
    ...roads('roads', 'kind', ['highway', 'major_road', 'medium_road']), buildings('buildings'),
  ],
  openmaptiles: [
    ...ground('landcover', 'class'), ...ground('landuse', 'class'),
    { id: 'parks', from: 'park', type: 'fill', paint: 'green', filter: FACES },
    ...waters('water', 'waterway'),
    ...roads('transportation', 'class',
      ['motorway', 'trunk', 'primary', 'secondary', 'tertiary']),
    buildings('building'),
  ],
};

/** The layers that are drawn, the lowest first. */
export function baseLayers(schema: Schema): readonly BaseLayer[] {
  return LAYERS[schema];
}

/** How it is once everything that was asked for has come or failed. */
export function settledState(state: BaseState, faults: number): BaseState {
  return state === 'none' || state === 'failed' ? state : faults > 0 ? 'partly' : 'drawn';
}
