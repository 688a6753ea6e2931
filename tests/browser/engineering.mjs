// The small park with two engineers, and a rule test beside its rules.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { SmallPark } from './park.mjs';

export const PASSWORD = 'correct horse battery';

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

  async get(path) {
    const headers = { authorization: `Bearer ${this.token}` };
    const answer = await fetch(new URL(`/api/v1${path}`, this.url), { headers });
    if (!answer.ok) {
      throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`);
    }
    return answer.json();
  }
}
