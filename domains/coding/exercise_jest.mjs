// In the box: runs the *.spec.js files of the current folder, which are written for Jest, with Node alone.
// Prints a line for each failed test and "N passed, M failed"; the status is 0 when all passed.
import { readdirSync } from 'node:fs';
import { register } from 'node:module';
import { pathToFileURL } from 'node:url';
import util from 'node:util';

// Jest's resolution: './name' finds name.js; and a .js file with import or export is a module.
register('data:text/javascript,' + encodeURIComponent(`
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
export async function resolve(name, context, next) {
  if (name === '@jest/globals') return { url: 'data:text/javascript,' + encodeURIComponent('export const { describe, test, it, expect, beforeEach, afterEach, beforeAll, afterAll, xtest, xit, xdescribe, jest } = globalThis;'), shortCircuit: true };
  if (name.startsWith('.') && context.parentURL) {
    for (const end of ['', '.js', '.mjs', '.json']) {
      const url = new URL(name, context.parentURL).href + end;
      if (/\\.[a-z]+$/.test(url) && existsSync(fileURLToPath(url))) return { url, shortCircuit: true };
    }
  }
  return next(name, context);
}
export async function load(url, context, next) {
  if (!url.startsWith('file:') || !url.endsWith('.js')) return next(url, context);
  const source = readFileSync(fileURLToPath(url), 'utf8');
  if (!/^\\s*(import|export)\\b/m.test(source)) return next(url, context);
  return { format: 'module', shortCircuit: true, source: 'import { createRequire as hyperagentRequire } from "node:module"; const require = hyperagentRequire(import.meta.url);' + source };
}`), pathToFileURL(import.meta.filename ?? process.argv[1]));

const shown = (value) => util.inspect(value, { depth: 4, breakLength: 120 }).slice(0, 300);
const isObject = (value) => value !== null && typeof value === 'object';

// Jest's recursive equality: members that are undefined do not count, unless `strict`.
function same(a, b, strict = false) {
  if (isObject(b) && b.matches) return b.matches(a);
  if (Object.is(a, b)) return true;
  if (!isObject(a) || !isObject(b)) return false;
  if (Object.prototype.toString.call(a) !== Object.prototype.toString.call(b)) return false;
  if (a instanceof Error) return a.message === b.message;
  if (a instanceof Date || a instanceof Number || a instanceof String || a instanceof Boolean) return Object.is(a.valueOf(), b.valueOf());
  if (a instanceof RegExp) return String(a) === String(b);
  if (a instanceof Set) return a.size === b.size && [...a].every((x) => b.has(x) || [...b].some((y) => same(x, y, strict)));
  if (a instanceof Map)
    return a.size === b.size && [...a].every(([k, v]) => (b.has(k) ? same(v, b.get(k), strict) : [...b].some(([l, w]) => same(k, l, strict) && same(v, w, strict))));
  if (Array.isArray(a) && a.length !== b.length) return false;
  if (!Array.isArray(a) && typeof a[Symbol.iterator] === 'function' && typeof b[Symbol.iterator] === 'function' && !same([...a], [...b], strict)) return false;
  const members = (object) => Object.keys(object).filter((key) => strict || object[key] !== undefined);
  const keys = members(a);
  return keys.length === members(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key], strict));
}

function fits(error, expected) {
  const message = error && error.message !== undefined ? error.message : String(error);
  if (expected === undefined) return true;
  if (typeof expected === 'string') return message.includes(expected);
  if (expected instanceof RegExp) return expected.test(message);
  if (typeof expected === 'function') return error instanceof expected;
  return isObject(expected) && message === expected.message;
}

function matchers(actual, negated, rejected = false) {
  const check = (name, holds) => (...expected) => {
    if (Boolean(holds(...expected)) === negated) throw new Error(`${negated ? 'not ' : ''}${name}: got ${shown(actual)}${expected.length ? ', expected ' + shown(expected[0]) : ''}`);
  };
  const throws = (expected) => {
    if (rejected) return fits(actual, expected);
    try {
      actual();
    } catch (error) {
      return fits(error, expected);
    }
    return false;
  };
  const all = {
    toBe: (e) => Object.is(actual, e),
    toEqual: (e) => same(actual, e),
    toStrictEqual: (e) => same(actual, e, true) && (!isObject(actual) || actual.constructor === e?.constructor),
    toThrow: throws,
    toThrowError: throws,
    toBeCloseTo: (e, digits = 2) => actual === e || Math.abs(actual - e) < 10 ** -digits / 2,
    toBeInstanceOf: (e) => actual instanceof e,
    toBeUndefined: () => actual === undefined,
    toBeDefined: () => actual !== undefined,
    toBeNull: () => actual === null,
    toBeNaN: () => Number.isNaN(actual),
    toBeTruthy: () => actual,
    toBeFalsy: () => !actual,
    toMatch: (e) => (typeof e === 'string' ? String(actual).includes(e) : e.test(actual)),
    toMatchObject: (e) => Object.keys(e).every((key) => same(actual?.[key], e[key])),
    toContain: (e) => (typeof actual === 'string' ? actual.includes(e) : [...actual].includes(e)),
    toContainEqual: (e) => [...actual].some((item) => same(item, e)),
    toHaveLength: (e) => actual.length === e,
    toHaveProperty: (e) => e in Object(actual),
    toBeGreaterThan: (e) => actual > e,
    toBeGreaterThanOrEqual: (e) => actual >= e,
    toBeLessThan: (e) => actual < e,
    toBeLessThanOrEqual: (e) => actual <= e,
  };
  return Object.fromEntries(Object.entries(all).map(([name, holds]) => [name, check(name, holds)]));
}

async function settled(actual, wanted) {
  try {
    const value = await (typeof actual === 'function' ? actual() : actual);
    if (wanted === 'rejects') throw { unexpected: true };
    return value;
  } catch (error) {
    if (error?.unexpected) throw new Error('the promise did not reject');
    if (wanted === 'resolves') throw error;
    return error;
  }
}

const later = (actual, wanted, negated) =>
  new Proxy({}, { get: (_, name) => (name === 'not' ? later(actual, wanted, !negated) : async (...expected) => matchers(await settled(actual, wanted), negated, wanted === 'rejects')[name](...expected)) });

globalThis.expect = (actual) => ({ ...matchers(actual, false), not: matchers(actual, true), resolves: later(actual, 'resolves', false), rejects: later(actual, 'rejects', false) });
const primitives = new Map([[Number, 'number'], [String, 'string'], [Boolean, 'boolean'], [Function, 'function'], [Object, 'object']]);
expect.any = (type) => ({ matches: (x) => (primitives.has(type) ? typeof x === primitives.get(type) : x instanceof type) });
expect.anything = () => ({ matches: (x) => x !== null && x !== undefined });
expect.arrayContaining = (list) => ({ matches: (x) => list.every((e) => [...x].some((y) => same(y, e))) });
expect.objectContaining = (object) => ({ matches: (x) => Object.keys(object).every((key) => same(x?.[key], object[key])) });
expect.stringContaining = (text) => ({ matches: (x) => String(x).includes(text) });

const suite = (name, up) => ({ name, up, items: [], beforeEach: [], afterEach: [], beforeAll: [], afterAll: [] });
let current = suite('', null);
const root = current;
globalThis.describe = (name, define) => {
  const outer = current;
  current = suite(name, outer);
  outer.items.push(current);
  try {
    define();
  } finally {
    current = outer;
  }
};
globalThis.test = (name, body, milliseconds = 5000) => body && current.items.push({ name, body, milliseconds });
globalThis.test.todo = () => {};
const each = (make) => (table) => (name, body, ms) => table.forEach((row) => make(util.format(name, ...[row].flat(1)), () => body(...(Array.isArray(row) ? row : [row])), ms));
test.each = each(test);
describe.each = each(describe);
test.only = test;
// Exercises leave all tests but the first switched off, for the pupil to switch on; here all of them count.
Object.assign(globalThis, { it: test, xtest: test, xit: test, xdescribe: describe });
test.skip = test;
describe.skip = describe;
for (const hook of ['beforeEach', 'afterEach', 'beforeAll', 'afterAll']) globalThis[hook] = (body) => current[hook].push(body);
const mock = (body = () => undefined) => {
  const fake = (...args) => {
    fake.mock.calls.push(args);
    return fake.body(...args);
  };
  fake.body = body;
  fake.mock = { calls: [] };
  fake.mockImplementation = (next) => ((fake.body = next), fake);
  fake.mockReturnValue = (value) => ((fake.body = () => value), fake);
  return fake;
};
globalThis.jest = { fn: mock };

const within = (body, milliseconds) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`took longer than ${milliseconds} ms`)), milliseconds);
    const finish = (end) => (value) => (clearTimeout(timer), end(value));
    try {
      if (body.length > 0) body((error) => (error ? finish(reject)(error) : finish(resolve)()));
      else Promise.resolve(body()).then(finish(resolve), finish(reject));
    } catch (error) {
      finish(reject)(error);
    }
  });

let passed = 0, failed = 0;
async function run(group, path, before, after) {
  before = [...before, ...group.beforeEach];
  after = [...group.afterEach, ...after];
  for (const hook of group.beforeAll) await within(hook, 5000);
  for (const item of group.items) {
    const name = [...path, item.name].filter(Boolean);
    if (item.items) {
      await run(item, name, before, after);
      continue;
    }
    try {
      for (const hook of before) await within(hook, 5000);
      await within(item.body, item.milliseconds);
      for (const hook of after) await within(hook, 5000);
      ++passed;
    } catch (error) {
      ++failed;
      console.log(`FAILED ${name.join(' > ')}: ${String(error?.message ?? error).slice(0, 500)}`);
    }
  }
  for (const hook of group.afterAll) await within(hook, 5000);
}

process.on('unhandledRejection', () => {});
try {
  for (const file of readdirSync('.').filter((name) => /\.(spec|test)\.js$/.test(name)).sort()) await import(pathToFileURL(file).href);
  await run(root, [], [], []);
} catch (error) {
  ++failed;
  console.log('FAILED to load: ' + String(error?.stack ?? error).slice(0, 800));
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
