/** The set-up page's style, script and markup, and the firmware's module that holds them (`modules/setup/page.ts`). */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { project } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { chinese, english, type SetupTexts } from "./setup-texts.js";

export const pageFile = "modules/setup/page.ts";

// System colours follow light and dark. A rule that an old browser does not know must not hide anything.
const style = [
	":root{color-scheme:light dark;font:1.1em/1.5 system-ui,sans-serif}",
	"body{max-width:26em;margin:1em auto;padding:0 1em}",
	"h1{font-size:1.4em}",
	"fieldset{border:0;margin:0;padding:0}",
	"legend,.l{font-weight:bold}",
	".n,.l{display:block;padding:.5em 0;overflow-wrap:anywhere}",
	"[hidden],#o:not(:checked)~div{display:none}",
	"#s,#p,button{box-sizing:border-box;width:100%;padding:.6em;font:inherit}",
	".e{border-left:.4em solid #d33;padding-left:.8em}",
].join("");

/** The form works without it: shows the password, and while the network is tried, waits for the result. */
const script = [
	"var d=document,v=d.getElementById('v');",
	"if(v){v.parentNode.hidden=false;v.onchange=function(){d.getElementById('p').type=v.checked?'text':'password'}}",
	// A lost access point must not take the page: ask until there is a response.
	"function f(){var x=new XMLHttpRequest;x.open('GET','/state');x.timeout=4e3;x.onloadend=function(){",
	"var t=x.responseText;t&&t!='joining'?location.replace('/'):setTimeout(f,1500)};x.send()}",
	"if(d.getElementById('j'))setTimeout(f,2e3)",
].join("");

const policy = [
	"default-src 'none'",
	`style-src '${hash(style)}'`,
	`script-src '${hash(script)}'`,
	"connect-src 'self'",
	"form-action 'self'",
	"base-uri 'none'",
	"frame-ancestors 'none'",
].join(";");

/** @returns the module's source, as Biome formats it */
export function setupPage(): string {
	const source = `/** The set-up page. Written by \`npm run docs\` from \`tools/setup-page.ts\` and \`tools/setup-texts.ts\`: do not edit. */

/** The Content-Security-Policy: nothing from elsewhere, and only this style and script. */
export const policy = ${quoted(policy)};
/** From the title to the end of the style. */
export const style = ${quoted(`<style>${style}</style>`)};
export const script = ${quoted(`<script>${script}</script>`)};

/** The page in one language, between what the portal inserts. */
export interface PageParts {
	/** Up to the style. */
	readonly head: string;
	/** Up to the access point's name. */
	readonly title: string;
	/** Up to the first network. */
	readonly form: string;
	/** Behind a network's name. */
	readonly open: string;
	readonly unsupported: string;
	/** Behind the choice of another network, up to its name. */
	readonly other: string;
	/** Behind the other network's name. */
	readonly rest: string;
	readonly joining: string;
	readonly done: string;
	readonly problems: Readonly<Record<string, string>>;
}

export const english: PageParts = ${parts(english)};

export const chinese: PageParts = ${parts(chinese)};
`;
	return execFileSync(join(project, "node_modules/.bin/biome"), ["format", `--stdin-file-path=${pageFile}`], {
		cwd: project,
		input: source,
		encoding: "utf8",
	});
}

function parts(texts: SetupTexts): string {
	const inputs = "autocapitalize=none autocomplete=off autocorrect=off spellcheck=false";
	const all = {
		head: `<!doctype html><html lang=${texts.language}><meta charset=utf-8><meta name=viewport content='width=device-width,initial-scale=1'><title>${texts.title}</title>`,
		title: `<main><h1>${texts.title}</h1><p>`,
		form: `<fieldset><legend>${texts.networks}</legend>`,
		open: ` (${texts.open})`,
		unsupported: ` (${texts.unsupported})`,
		other: `><label for=o> ${texts.other}</label><div><label class=l for=s>${texts.name}</label><input id=s name=o maxlength=32 ${inputs} value=`,
		rest: `></div></fieldset><label class=l for=p>${texts.password}</label><input id=p name=p type=password maxlength=64 aria-describedby=h ${inputs}><label class=n hidden><input id=v type=checkbox> ${texts.show}</label><p id=h>${texts.hint}</p><button>${texts.connect}</button></form>`,
		joining: `<p id=j role=status>${texts.joining}</p>`,
		done: `<p role=status>${texts.done}</p>`,
	};
	const fields = Object.entries(all).map(([name, text]) => `${name}: ${quoted(text)},`);
	const problems = Object.entries(texts.problems).map(
		([name, text]) => `${name.includes("-") ? quoted(name) : name}: ${quoted(text)},`,
	);
	return `Object.freeze({ ${fields.join("\n")} problems: Object.freeze({ ${problems.join("\n")} }) })`;
}

/** No text has double quotes, so that it is the same as Biome writes it. */
function quoted(text: string): string {
	if (text.includes('"')) throw new Error(`Use single quotes in ${text}`);
	return JSON.stringify(text);
}

function hash(text: string): string {
	return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
