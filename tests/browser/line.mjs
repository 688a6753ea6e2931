// A line between browser and station that a test can cut and mend. It changes nothing that goes over
// it; while it is cut, what is open is torn down and what comes is refused.
import { connect, createServer } from 'node:net';

export class Line {
  sockets = new Set();
  isCut = false;

  /** Listens on loopback; gives the address of the same page over the line. */
  async open(url) {
    this.to(url);
    this.server = createServer((near) => this.carry(near));
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    const over = new URL(url);
    over.port = this.server.address().port;
    return over.href;
  }

  /** Where it leads from now on: a station that was started anew has another port. */
  to(url) {
    this.port = Number(new URL(url).port);
  }

  carry(near) {
    if (this.isCut) {
      near.destroy();
      return;
    }
    const far = connect(this.port, '127.0.0.1');
    for (const [one, other] of [[near, far], [far, near]]) {
      this.sockets.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => this.sockets.delete(one) && other.destroy());
    }
  }

  cut() {
    this.isCut = true;
    this.sockets.forEach((socket) => socket.destroy());
  }

  mend() {
    this.isCut = false;
  }

  close() {
    this.cut();
    this.server?.close();
  }
}
