// A small real park for browser checks: a broker, two chlorine analyzers that publish by MQTT, and
// a station that reads them. Everything is on loopback, in a folder that goes with it.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

const START_MAX_MS = 30_000;
const STOP_MAX_MS = 5_000;
const RETRY_MS = 50;
/** Between two readings of an analyzer. */
const BEAT_MS = 250;
/** Debian puts the broker where only root looks. */
const PATH = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;

const AREA = `
[[area]]
id = "tank-farm"
name = { zh = "液氯罐区", en = "Chlorine tank farm" }
kind = "tank-farm"
outline = [
  { x_m = 0.0, y_m = 0.0 }, { x_m = 80.0, y_m = 0.0 },
  { x_m = 80.0, y_m = 50.0 }, { x_m = 0.0, y_m = 50.0 },
]
`;

/** No reorder window: what is older than the newest reading is late. */
const analyzer = (id, x) => `
[[analyzer]]
id = "${id}"
name = { zh = "氯气 ${id}", en = "Chlorine ${id}" }
area = "tank-farm"
position = { x_m = ${x}.0, y_m = 20.0 }
height_m = 1.5
profile = "siskin-json"
mqtt = { topic = "park/${id}/reading" }
poll_ms = 1000
reorder_window_s = 0

[[analyzer.channel]]
id = "${id}-cl2"
gas = "chlorine"
unit = "ppm"
point = "value"
range = { low = 0.0, high = 50.0 }
resolution = 0.01
`;

export const RULES = `
[[rule]]
id = "chlorine-red"
name = { zh = "氯气 红色", en = "Chlorine red" }
kind = "threshold"
gas = "chlorine"
tier = "red"
unit = "ppm"
raise_at = 5.0
clear_below = 4.5
source = "made for tests"

[[rule]]
id = "chlorine-stuck"
name = { zh = "氯气 读数卡滞", en = "Chlorine value stands still" }
kind = "stuck"
gas = "chlorine"
unit = "ppm"
after_s = 3
tolerance = 0.0
ignore_to = 0.5
source = "made for tests"

[[rule]]
id = "no-data"
name = { zh = "无数据", en = "No data" }
kind = "no-data"
all = true
after_s = 10
source = "made for tests"
`;

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true) || socket.destroy());
    socket.once('error', () => resolve(false));
  });
}

/** The address that a program tells on its output. */
export function addressOf(program) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no address was told')), START_MAX_MS);
    createInterface({ input: program.stdout }).on('line', (line) => {
      const found = /http:\/\/\S+/.exec(line);
      if (found) {
        clearTimeout(timer);
        resolve(found[0]);
      }
    });
    program.once('exit', (code) => reject(new Error(`the station ended with ${code}`)));
    program.once('error', reject);
  });
}

/** Ends a program in order, and by force where it does not go. */
export async function stopped(program, signal = 'SIGINT') {
  if (program.exitCode !== null || program.signalCode !== null) {
    return;
  }
  const ended = new Promise((resolve) => program.once('exit', resolve));
  program.kill(signal);
  const timer = setTimeout(() => program.kill('SIGKILL'), STOP_MAX_MS);
  await ended;
  clearTimeout(timer);
}

export class SmallPark {
  folder = mkdtempSync(join(tmpdir(), 'siskin-page-'));
  programs = [];
  timers = [];

  rulesPath = join(this.folder, 'site/rules/chlorine.toml');

  /** Starts broker and station; `url` is the page. */
  async start(binary) {
    const port = await freePort();
    const conf = join(this.folder, 'mosquitto.conf');
    const lines = ['allow_anonymous true', 'persistence false', 'user root', 'log_type error'];
    writeFileSync(conf, [`listener ${port} 127.0.0.1`, ...lines, ''].join('\n'));
    this.run('mosquitto', ['-c', conf], 'ignore');
    const deadline = Date.now() + START_MAX_MS;
    while (!(await answers(port))) {
      if (Date.now() > deadline) {
        throw new Error('mosquitto does not listen; hint: make debian-test');
      }
      await pause(RETRY_MS);
    }
    this.port = port;
    this.writeSite(port);
    const site = join(this.folder, 'site');
    const data = join(this.folder, 'data');
    this.makePeople((input, ...words) =>
      execFileSync(binary, ['people', ...words, '--data', data], { encoding: 'utf8', input }));
    const station = this.run(binary, ['run', site, '--data', data], 'ignore');
    this.url = await addressOf(station);
  }

  /** Accounts, before the station first starts. */
  makePeople(people) {
    people('', 'add', 'li', '--role', 'engineer');
    this.token = people('', 'token', 'li', '--for', 'rules', '--days', '1').trim();
  }

  writeSite(port) {
    const site = join(this.folder, 'site');
    mkdirSync(join(site, 'rules'), { recursive: true });
    writeFileSync(
      join(site, 'site.toml'),
      'id = "page"\nname = { zh = "测试园区", en = "Test park" }\nutc_offset = "+08:00"\n' +
        'tiers = ["yellow", "red"]\n[station]\nlisten = "127.0.0.1:0"\n' +
        '[access]\nanonymous = "viewer"\n' +
        `[mqtt]\nhost = "127.0.0.1"\nport = ${port}\nclient_id = "siskin-page"\n`,
    );
    writeFileSync(join(site, 'areas.toml'), AREA);
    writeFileSync(join(site, 'analyzers.toml'), analyzer('at-1', 20) + analyzer('at-2', 60));
    writeFileSync(this.rulesPath, RULES);
  }

  /** Puts an analyzer into another area, before the station starts. */
  moveAnalyzer(id, area) {
    const path = join(this.folder, 'site/analyzers.toml');
    const now = readFileSync(path, 'utf8');
    const from = now.indexOf('area = "tank-farm"', now.indexOf(`id = "${id}"`));
    writeFileSync(path, now.slice(0, from) + now.slice(from).replace('tank-farm', area));
  }

  run(program, args, stdin) {
    const env = { ...process.env, PATH, SISKIN_LOG: this.log ?? 'warn' };
    const child = spawn(program, args, { stdio: [stdin, 'pipe', 'inherit'], env });
    this.programs.push(child);
    return child;
  }

  /** An analyzer that publishes `ppm()` at every beat; gives how to publish one reading more. */
  feed(id, ppm, beatMs = BEAT_MS) {
    return this.feedUnless(id, ppm, () => false, beatMs);
  }

  /** The same, but it says nothing while `isSilent()`. */
  feedUnless(id, ppm, isSilent, beatMs = BEAT_MS) {
    const args = ['-h', '127.0.0.1', '-p', `${this.port}`, '-q', '1', '-t', `park/${id}/reading`];
    const child = this.run('mosquitto_pub', [...args, '-l'], 'pipe');
    const publish = (atMs, value) => {
      const reading = { ts: Math.round(atMs), value, unit: 'ppm', status: 'ok' };
      child.stdin.write(`${JSON.stringify(reading)}\n`);
    };
    const beat = () => isSilent() || publish(Date.now(), ppm());
    this.timers.push(setInterval(beat, beatMs));
    return publish;
  }

  /** Puts the rule file with `old` replaced by `text` in place of the one that is there. */
  changeRules(old, text) {
    const now = readFileSync(this.rulesPath, 'utf8');
    if (!now.includes(old)) {
      throw new Error(`"${old}" is not in the rules`);
    }
    writeFileSync(this.rulesPath, now.replace(old, text));
  }

  async stop() {
    this.timers.forEach(clearInterval);
    for (const program of this.programs.toReversed()) {
      await stopped(program, 'SIGTERM');
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
