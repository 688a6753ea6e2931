// A Modbus TCP device with the registers of a Honeywell Midas, as far as the page is looked at with
// it: it answers every read of holding registers and nothing else.
import { createServer } from 'node:net';

const REGISTERS = 128;
const HEAD_BYTES = 7;
const READ_HOLDING = 3;

/** Starts one that measures `ppm()`; gives its port and how to stop it. */
export async function midas(ppm) {
  const sockets = new Set();
  const begun = Date.now();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let bytes = Buffer.alloc(0);
    socket.on('data', (part) => {
      bytes = Buffer.concat([bytes, part]);
      while (bytes.length >= HEAD_BYTES + 5) {
        const asked = bytes.subarray(0, 6 + bytes.readUInt16BE(4));
        bytes = bytes.subarray(asked.length);
        socket.write(answerTo(asked, registers(ppm(), begun)));
      }
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
  };
  return { port: server.address().port, stop };
}

/** State 1: it measures; a float, low word first; bit 8: ppm; seconds. From its manual. */
function registers(ppm, begun) {
  const words = new Uint16Array(REGISTERS);
  const float = new DataView(new ArrayBuffer(4));
  float.setFloat32(0, ppm);
  words[0] = 1;
  words[2] = float.getUint16(2);
  words[3] = float.getUint16(0);
  words[6] = 0x0100;
  words[9] = Math.floor((Date.now() - begun) / 1_000) & 0xffff;
  return words;
}

function answerTo(asked, words) {
  const [from, count] = [asked.readUInt16BE(8), asked.readUInt16BE(10)];
  const isKnown = asked[7] === READ_HOLDING && from + count <= REGISTERS;
  const body = isKnown ? Buffer.alloc(2 + count * 2) : Buffer.from([asked[7] | 0x80, 2]);
  if (isKnown) {
    body[0] = READ_HOLDING;
    body[1] = count * 2;
    words.subarray(from, from + count).forEach((word, i) => body.writeUInt16BE(word, 2 + i * 2));
  }
  const head = Buffer.from(asked.subarray(0, HEAD_BYTES));
  head.writeUInt16BE(1 + body.length, 4);
  return Buffer.concat([head, body]);
}
