// Every word that people read comes from the locales: none stands in a template or a script, and no
// key is used that the locales do not have.
import { describe, expect, it } from 'vitest';
import { parse } from 'vue/compiler-sfc';

import zh from './zh-CN';

const all = import.meta.glob<string>(['../**/*.vue', '../**/*.ts'], {
  query: '?raw', import: 'default', eager: true,
});
/** What people of the park never see, and the words themselves. */
const APART =
  /\.test\.ts$|\.\/[\w.-]+\.ts$|\/(gallery|locales)\/|\/domain\/samples\.ts$|\/schema\.ts$/;
const sources = Object.entries(all).filter(([path]) => !APART.test(path.replace(/^\.\//, './')));

const CHINESE = /\p{Script=Han}/u;
/** Two letters one after the other: a unit or a mark has fewer, or stands in the locales too. */
const WORD = /\p{L}{2,}/u;
/** Attributes whose value is read out or shown. */
const SPOKEN = new Set(['title', 'alt', 'placeholder', 'label', 'aria-label', 'aria-description']);
/** Languages in their own name, the mark of a drill in both, names of protocols and files. */
const SAME_EVERYWHERE = new Set([
  '中文', 'EN', '中文 / EN', '演练 DRILL', 'HJ 212-', '· MN', 'QN', 'FC',
  '.toml)',
]);
/** They hold both languages side by side, like the station's texts. */
const TABLES = ['../api/client.ts', '../domain/time.ts', '../domain/wind.ts'];

interface Node {
  type: number;
  content?: unknown;
  name?: string;
  value?: { content: string };
  props?: Node[];
  children?: unknown[];
}

const TEXT = 2;
const ATTRIBUTE = 6;

const isNode = (one: unknown): one is Node => typeof one === 'object' && one !== null;

/** The texts that stand in a template as they are, and the spoken attributes. */
function literalsOf(node: Node): string[] {
  const own = node.type === TEXT && typeof node.content === 'string' ? [node.content.trim()] : [];
  const spoken = (node.props ?? [])
    .filter((prop) => prop.type === ATTRIBUTE && SPOKEN.has(prop.name ?? ''))
    .map((prop) => prop.value?.content ?? '');
  const below = (node.children ?? []).filter(isNode).flatMap(literalsOf);
  return [...own, ...spoken, ...below].filter((text) =>
    (WORD.test(text) || CHINESE.test(text)) && !SAME_EVERYWHERE.has(text));
}

function templateOf(text: string): string[] {
  const ast = parse(text).descriptor.template?.ast;
  return ast === undefined ? [] : literalsOf(ast);
}

/** Chinese outside of comments: in a script, or in an expression of a template. */
function chineseOf(text: string): string[] {
  const plain = text.replace(/<!--[\s\S]*?-->|\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, '');
  const lines = plain.split('\n').map((line) => line.trim());
  return lines.filter((line) => CHINESE.test(
    [...SAME_EVERYWHERE].reduce((rest, word) => rest.replaceAll(word, ''), line)));
}

const words: unknown = zh;

function at(path: string): unknown {
  const step = (node: unknown, key: string): unknown =>
    isNode(node) ? (node as unknown as Record<string, unknown>)[key] : undefined;
  return path.split('.').reduce(step, words);
}

/** Keys that stand whole in a source, and what is before the hole of those put together. */
function keysOf(text: string): { whole: string[]; begun: string[] } {
  const found = (pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1] ?? '');
  return {
    whole: [
      ...found(/\bte?\(\s*'([\w.-]+)'/g),
      ...found(/\bt\([^()'`]*\? '([\w.-]+)'/g),
      ...found(/\bt\([^()'`]*\? '[\w.-]+' : '([\w.-]+)'/g),
      ...found(/\bkey: '([\w-]+\.[\w.-]+)'/g),
    ],
    begun: found(/\bte?\(\s*`([\w.-]+)\.\$\{/g),
  };
}

it('finds what it looks for', () => {
  const template = (inner: string) => templateOf(`<template><p>${inner}</p></template>`);
  expect(template('Save')).toEqual(['Save']);
  expect(template('<i>确认</i>')).toEqual(['确认']);
  expect(template('<b aria-label="Close it" data-testid="x" />')).toEqual(['Close it']);
  expect(template('{{ t(\'acts.open\') }} · ✓ m')).toEqual([]);
  expect(chineseOf('// 注\nconst a = \'确认\'; // 注')).toEqual(['const a = \'确认\';']);
  const keys = keysOf('t(\'a.b\') + t(is ? \'c.d\' : \'e.f\') + t(`g.${x}`)');
  expect(keys.whole.toSorted()).toEqual(['a.b', 'c.d', 'e.f']);
  expect(keys.begun).toEqual(['g']);
  expect(sources.length).toBeGreaterThan(100);
});

describe('the sources', () => {
  it.each(sources)('%s has no word of its own', (path, text) => {
    expect(path.endsWith('.vue') ? templateOf(text) : []).toEqual([]);
    expect(TABLES.includes(path) ? [] : chineseOf(text)).toEqual([]);
  });

  it.each(sources)('%s uses only keys that are there', (_, text) => {
    const { whole, begun } = keysOf(text);
    expect(whole.filter((key) => typeof at(key) !== 'string')).toEqual([]);
    expect(begun.filter((key) => !isNode(at(key)))).toEqual([]);
  });
});
