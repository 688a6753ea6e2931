// A map file made here, so that no data of others lie in the tree: PMTiles version 3 whose every
// tile of zoom 14 is the same vector tile. Water lies everywhere; roads run north every 40 units
// over it.
import { gzipSync } from 'node:zlib';

const HEADER_BYTES = 127;
const EXTENT = 4096;
const ZOOM = 14;
const ROAD_EVERY = 40;
/** Numbers of fields and kinds of the wire, as in vector_tile.proto 2.1. */
const [VARINT, BYTES] = [0, 2];
const [LINE, FACE] = [2, 3];

function varint(number) {
  const bytes = [];
  let rest = BigInt(number);
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
}

const number = (field, value) => Buffer.concat([varint(field * 8 + VARINT), varint(value)]);

function bytes(field, content) {
  const all = Buffer.from(content);
  return Buffer.concat([varint(field * 8 + BYTES), varint(all.length), all]);
}

const zigzag = (value) => (value < 0 ? -2 * value - 1 : 2 * value);

/** Commands that go to the first point and draw to the others; a face is closed. */
function geometry(points, isFace) {
  let [x, y] = [0, 0];
  const steps = points.flatMap(([toX, toY]) => {
    const step = [zigzag(toX - x), zigzag(toY - y)];
    [x, y] = [toX, toY];
    return step;
  });
  const words = [9, ...steps.slice(0, 2), (points.length - 1) * 8 + 2, ...steps.slice(2)];
  return Buffer.concat([...words, ...(isFace ? [15] : [])].map(varint));
}

function layer(name, type, key, value, shapes) {
  const features = shapes.map((points) => bytes(2, Buffer.concat([
    bytes(2, [0, 0]), number(3, type), bytes(4, geometry(points, type === FACE)),
  ])));
  return bytes(3, Buffer.concat([
    bytes(1, name), ...features, bytes(3, key), bytes(4, bytes(1, value)), number(5, EXTENT),
    number(15, 2),
  ]));
}

const WATER = [[0, 0], [EXTENT, 0], [EXTENT, EXTENT], [0, EXTENT]];
const ROADS = Array.from({ length: Math.floor(EXTENT / ROAD_EVERY) },
  (_, i) => [[i * ROAD_EVERY, 0], [i * ROAD_EVERY, EXTENT]]);

/** Names of layers by whose they are. */
const NAMES = {
  protomaps: { roads: 'roads', key: 'kind', major: 'highway' },
  openmaptiles: { roads: 'transportation', key: 'class', major: 'motorway' },
};

/** A file that lies around a place. `tile` takes the place of what stands in every tile. */
export function mapFile(schema, [longitude, latitude], tile = null) {
  const { roads, key, major } = NAMES[schema];
  const drawn = Buffer.concat([
    layer('water', FACE, key, 'lake', [WATER]), layer(roads, LINE, key, major, ROADS),
  ]);
  const content = tile ?? gzipSync(drawn);
  const [first, count] = [(4 ** ZOOM - 1) / 3, 4 ** ZOOM];
  const entry = [1, first, count, content.length, 1];
  const root = gzipSync(Buffer.concat(entry.map(varint)));
  const about = gzipSync(JSON.stringify({ vector_layers: [{ id: 'water' }, { id: roads }] }));
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('PMTiles\x03', 'latin1');
  const afterRoot = HEADER_BYTES + root.length;
  const afterAbout = afterRoot + about.length;
  const sections = [HEADER_BYTES, root.length, afterRoot, about.length, afterAbout, 0, afterAbout,
    content.length, count, 1, 1];
  sections.forEach((value, i) => header.writeBigUInt64LE(BigInt(value), 8 + i * 8));
  header.set([1, 2, 2, 1, ZOOM, ZOOM], 96);
  const corners = [longitude - 0.05, latitude - 0.05, longitude + 0.05, latitude + 0.05];
  corners.forEach((degrees, i) => header.writeInt32LE(Math.round(degrees * 1e7), 102 + i * 4));
  header.writeUInt8(ZOOM, 118);
  header.writeInt32LE(Math.round(longitude * 1e7), 119);
  header.writeInt32LE(Math.round(latitude * 1e7), 123);
  return Buffer.concat([header, root, about, content]);
}
