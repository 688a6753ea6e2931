// The small park with two engineers, and a rule test beside its rules.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { SmallPark } from './park.mjs';
import { PASSWORD } from './staffed.mjs';

const STORED_MAX_MS = 15_000;
const RETRY_MS = 100;

const TESTS = `
[[test]]
name = { zh = "氯气超限即报警", en = "chlorine above the limit" }
only = ["chlorine-red"]
expect = ["1m raise chlorine-red", "2m clear chlorine-red"]
[test.series]
at-1-cl2 = "0.1 x60, 6 x60, 0.1 until 4m"
`;

export class EngineeredPark extends SmallPark {
  makePeople(people) {
    for (const name of ['chen', 'zhou']) {
      people(PASSWORD, 'add', name, '--role', 'engineer', '--password-stdin');
    }
    people(PASSWORD, 'add', 'zhao', '--role', 'admin', '--password-stdin');
    people('', 'add', 'look', '--role', 'viewer');
    this.token = people('', 'token', 'zhao', '--for', 'audit', '--days', '1').trim();
  }

  writeSite(port) {
    super.writeSite(port);
    const tests = join(this.folder, 'site/tests');
    mkdirSync(tests);
    writeFileSync(join(tests, 'chlorine.toml'), TESTS);
  }

  /** Waits until the station has stored a value. */
  async stored(channel, atMs, value) {
    const query = `from_ms=${atMs - 1_000}&to_ms=${atMs + 5_000}&points_max=100`;
    const deadline = Date.now() + STORED_MAX_MS;
    while (!JSON.stringify(await this.get(`/channels/${channel}/readings?${query}`))
      .includes(String(value))) {
      if (Date.now() > deadline) {
        throw new Error(`${value} was not stored on ${channel}`);
      }
      await pause(RETRY_MS);
    }
  }

  /** Waits until a warning has opened an incident. */
  async incident() {
    const deadline = Date.now() + STORED_MAX_MS;
    while ((await this.get('/incidents')).incidents.every(({ warnings }) => warnings.length === 0)) {
      if (Date.now() > deadline) {
        throw new Error('no warning opened an incident');
      }
      await pause(RETRY_MS);
    }
  }

  async get(path) {
    const headers = { authorization: `Bearer ${this.token}` };
    const answer = await fetch(new URL(`/api/v1${path}`, this.url), { headers });
    if (!answer.ok) {
      throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`);
    }
    return answer.json();
  }
}
