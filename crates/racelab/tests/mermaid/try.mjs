import { JSDOM } from 'jsdom';
const { window } = new JSDOM('');
globalThis.window = window; globalThis.document = window.document;
const { default: mermaid } = await import('mermaid');
console.log(await mermaid.parse('sequenceDiagram\nA->>B: x'));
try { await mermaid.parse('sequenceDiagram\nA->>B x'); } catch (e) { console.log('bad', e.message) }
