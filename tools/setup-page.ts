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
	"var d=document,f=d.forms[0];",
	"if(f){f.v.parentNode.hidden=false;f.v.onchange=function(){f.p.type=f.v.checked?'text':'password'}}",
	// A lost access point must not take the page: ask until there is a response.
	"function g(){var x=new XMLHttpRequest;x.open('GET','/state');x.timeout=4e3;x.onloadend=function(){",
	"var t=x.responseText;t&&t!='joining'?location.replace('/'):setTimeout(g,1500)};x.send()}",
	"if(d.getElementById('joining'))setTimeout(g,2e3)",
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
export const style = ${quoted(`<style>${style}</style>`)};
export const script = ${quoted(`<script>${script}</script>`)};

/** The texts of a language, a line each: its name, a colon, the text. One string, since each one of an object takes 50 bytes more. */
export const english = ${lines(english)};

export const chinese = ${lines(chinese)};
`;
	return execFileSync(join(project, "node_modules/.bin/biome"), ["format", `--stdin-file-path=${pageFile}`], {
		cwd: project,
		input: source,
		encoding: "utf8",
	});
}

function lines(texts: SetupTexts): string {
	const each = Object.entries(texts).map(([name, text]) => `\n${name}:${text}`);
	return quoted(`${each.join("")}\n`);
}

/** No text has double quotes, so that it is the same as Biome writes it. */
function quoted(text: string): string {
	if (text.includes('"')) throw new Error(`Use single quotes in ${text}`);
	return JSON.stringify(text);
}

function hash(text: string): string {
	return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
