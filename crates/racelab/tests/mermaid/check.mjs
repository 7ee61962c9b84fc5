// Parses every Mermaid block of the markdown files that are given, with the real mermaid.
// Ends with 0 if all of them parse and say what they were written to say, with 1 if one does not,
// with 2 if there is none.

import { readFileSync } from 'node:fs';
import { JSDOM } from 'jsdom';

// mermaid cleans labels with DOMPurify, which needs a document; this must be there before it loads.
const { window } = new JSDOM('');
Object.assign(globalThis, { window, document: window.document });
const { default: mermaid } = await import('mermaid');

/** The Mermaid blocks of a text, each with the line on which it begins. */
function blocks(text) {
  const found = [];
  let fence = null;
  text.split(/\r?\n/).forEach((line, at) => {
    const mark = line.match(/^ {0,3}(`{3,}|~{3,})\s*(.*)$/);
    if (fence === null) {
      if (mark) fence = { mark: mark[1], info: mark[2], line: at + 1, lines: [] };
    } else if (mark && mark[2] === '' && mark[1].startsWith(fence.mark)) {
      if (fence.info.split(/\s/)[0] === 'mermaid') found.push(fence);
      fence = null;
    } else {
      fence.lines.push(line);
    }
  });
  // What nobody closed goes on to the end, and is a block for every reader of markdown.
  if (fence?.info.split(/\s/)[0] === 'mermaid') found.push(fence);
  return found;
}

const MESSAGE = /^\s*(?:note (?:over|left of|right of) [^:]*|\S+?-{1,2}(?:>>?|x|\))\S+?): (.*)$/i;
const NAME = /^\s*(?:title|(?:participant|actor) \S+ as) (.*)$/;

/** What a sequence diagram was written to say: its title, its participants, messages and notes. */
function written(source) {
  const texts = source.split('\n').map((line) => (line.match(NAME) ?? line.match(MESSAGE))?.[1]);
  return texts.filter((text) => text !== undefined).map((text) => text.trim());
}

/** What mermaid has read there; its own marks for entities are made entities again. */
async function read(source) {
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(source);
  const participants = [...db.getActors().values()].map((one) => one.description);
  const messages = db.getMessages().map((one) => one.message);
  return [db.getDiagramTitle(), ...participants, ...messages]
    .filter((text) => typeof text === 'string')
    .map((text) => text.replaceAll('ﬂ°°', '#').replaceAll('ﬂ°', '#').replaceAll('¶ß', ';'));
}

const BAR = /^ {2}(.*) :(?:crit, |done, )?(\d+), (\d+)$/;

/** Which bar of a Gantt chart mermaid has not read as it was written, if there is one. */
async function lostBar(source) {
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(source);
  const read = db.getTasks().map((one) => [+one.startTime, +one.endTime].join());
  const bars = source.split('\n').map((line) => line.match(BAR)).filter((bar) => bar !== null);
  const lost = bars.find(([, , from, until], at) => read[at] !== [from, until].join());
  if (bars.length !== read.length) return `it has ${read.length} bars, written were ${bars.length}`;
  return lost === undefined ? undefined : `it does not show ${JSON.stringify(lost[0])}`;
}

/** Why a diagram is not what it should be, or nothing. */
async function fault(source) {
  try {
    const { diagramType } = await mermaid.parse(source);
    if (diagramType === 'gantt') return await lostBar(source);
    if (diagramType !== 'sequence') return undefined;
    // A comment or a statement within a message parses, and swallows the rest of it.
    const said = await read(source);
    const lost = written(source).find((text) => !said.includes(text));
    return lost === undefined ? undefined : `it does not say ${JSON.stringify(lost)}`;
  } catch (error) {
    return error.message;
  }
}

let parsed = 0;
let wrong = 0;
for (const file of process.argv.slice(2)) {
  for (const [at, block] of blocks(readFileSync(file, 'utf8')).entries()) {
    const why = await fault(block.lines.join('\n'));
    if (why === undefined) {
      parsed += 1;
    } else {
      wrong += 1;
      console.error(`${file}:${block.line}: Mermaid block ${at + 1}: ${why}`);
    }
  }
}
console.log(`mermaid: ${parsed} diagrams parsed, ${wrong} wrong`);
process.exitCode = wrong > 0 ? 1 : parsed === 0 ? 2 : 0;
