// The small park with people: three accounts, a roster with two shifts, contacts, a response card.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { SmallPark } from './park.mjs';
import { refuser, writeRecipients } from './reporting.mjs';

export const PASSWORD = 'correct horse battery';
/** What an analyzer in clean air reads. */
export const CALM_PPM = 0.1;
const HOUR_MS = 3_600_000;

const CARD = `
[[card]]
gas = "chlorine"
template = true
cause = { zh = "阀门或管线可能泄漏", en = "A valve or a line may leak" }
consequence = { zh = "下风向人员会中毒", en = "People downwind are harmed" }
actions = [
  { zh = "确认预警，通知带班领导", en = "Acknowledge, and tell the leader on duty" },
  { zh = "下风向人员向侧风方向撤离", en = "Send everybody downwind away, across the wind" },
]
contacts = ["wang", "nobody"]
plan = { zh = "预案第 3.2 节", en = "Plan, section 3.2" }
`;

const DUTY = `
[[desk]]
role = "operator"
name = { zh = "中控室操作员", en = "Control room operator" }

[[desk]]
role = "leader"
name = { zh = "带班领导", en = "Leader on duty" }
`;

export class StaffedPark extends SmallPark {
  async start(binary) {
    this.refuser = await refuser();
    await super.start(binary);
  }

  async stop() {
    await super.stop();
    this.refuser?.stop();
  }

  /** One analyzer reads what `ppm` says, the other is calm; neither stands still. */
  feedTwo(ppm) {
    let beats = 0;
    this.feed('at-1', () => ppm() + (beats++ % 2) * 0.02);
    this.feed('at-2', () => CALM_PPM + (beats % 2) * 0.02);
  }

  makePeople(people) {
    for (const [name, role] of [['wang', 'operator'], ['li', 'operator'], ['zhao', 'admin']]) {
      people(PASSWORD, 'add', name, '--role', role, '--password-stdin');
    }
    people('', 'add', 'look', '--role', 'viewer');
    this.token = people('', 'token', 'zhao', '--for', 'duty', '--days', '1').trim();
  }

  writeSite(port) {
    super.writeSite(port);
    const site = join(this.folder, 'site');
    mkdirSync(join(site, 'cards'));
    writeFileSync(join(site, 'cards/chlorine.toml'), CARD);
    writeFileSync(join(site, 'duty.toml'), DUTY);
    writeRecipients(site, this.refuser.port);
  }

  async ask(method, path, body) {
    const headers = {
      'content-type': 'application/json', authorization: `Bearer ${this.token}`,
    };
    const url = new URL(`/api/v1${path}`, this.url);
    const answer = await fetch(url, { method, headers, body: JSON.stringify(body) });
    if (!answer.ok) {
      throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    }
    return answer.json();
  }

  async get(path) {
    return this.ask('GET', path);
  }

  /** Wang is on duty and li comes soon; nobody leads. */
  async fillRoster() {
    const contacts = [['wang', '王伟', '13800000001'], ['li', '李静', '13800000002']];
    for (const [id, name, phone] of contacts) {
      await this.ask('PUT', `/duty/contacts/${id}`, { name, phones: [phone], account: id });
    }
    const at = (ms) => `${new Date(ms + 8 * HOUR_MS).toISOString().slice(0, 19)}+08:00`;
    const [begin, relief] = [Date.now() - HOUR_MS, Date.now() + HOUR_MS / 4];
    const text = ['from,to,role,person,substitutes',
      `${at(begin)},${at(relief)},operator,wang,li`,
      `${at(relief)},${at(relief + 8 * HOUR_MS)},operator,li,`, ''].join('\n');
    await this.ask('POST', '/duty/import', { text, reason: '试验 test' });
  }
}
