/**
 * The portal of set-up mode: a request and the state, to the bytes of a response. Opens by itself on phones: each
 * foreign name leads to the page until a network is stored; from then on, probes have the response that means "online",
 * so that the phone's sheet closes.
 *
 * What a phone takes for a portal, by vendors' documents and AOSP's NetworkMonitor: Android any status but 204 (a 200
 * only with a body of more than four bytes), iOS and macOS any body without "Success", Windows and Firefox any other
 * text. A redirect with a body serves all. Not established: probes of vendors' own Android versions.
 */

import type { Crypto } from "../contracts/host.js";
import type { FoundNetwork, WifiNetwork } from "../contracts/setup.js";
import { escapeHtml, formField } from "./form.js";
import { enteredNetwork } from "./networks.js";
import { chinese, english, policy, script, style } from "./page.js";
import type { Request } from "./request.js";
import type { SetupState } from "./setup-state.js";

export interface Portal {
	readonly crypto: Crypto;
	/** The board's address as in a URL, with the port unless it is 80. */
	readonly address: string;
	/** Random, another one each time the access point opens: a form of another page or time has no effect. */
	readonly token: string;
	/** The access point's name. */
	readonly accessPoint: string;
}

export interface PortalResponse {
	/** To be sent in this order: a board has no memory for the whole page. The first one is the header. */
	readonly pieces: readonly string[];
	/** Someone has opened or sent the page; a phone's probe is no use of it. */
	readonly isUse: boolean;
	/** What a person has entered. */
	readonly network?: WifiNetwork;
}

/**
 * Helpers within the function, where they take a fraction of a chip's flash.
 *
 * @param setup its state before the request
 * @param request what a `RequestReader` has read: the request, or the status if it cannot be read
 */
export const respond = (
	{ crypto, address, token, accessPoint }: Portal,
	setup: SetupState,
	request: Request | number,
): PortalResponse => {
	const common = "Cache-Control: no-store\r\nConnection: close\r\n";
	const ok = "200 OK";

	/** @param body ASCII, since its characters are counted */
	const text = (status: string, body: string, type = "text/plain"): PortalResponse => ({
		pieces: [`HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n${common}Content-Type: ${type}\r\n\r\n`, body],
		isUse: false,
	});

	if (typeof request === "number") return text(`${request} Refused`, "Refused");
	const { method, host, body } = request;
	const path = request.path.split("?")[0] as string;

	/** The responses to probes that mean "online". */
	const online = (): PortalResponse => {
		switch (path) {
			// iOS and macOS.
			case "/hotspot-detect.html":
			case "/library/test/success.html":
				return text(ok, "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>", "text/html");
			// Windows 10 and 11, and before.
			case "/connecttest.txt":
				return text(ok, "Microsoft Connect Test");
			case "/ncsi.txt":
				return text(ok, "Microsoft NCSI");
			// Firefox.
			case "/success.txt":
				return text(ok, "success\n");
			case "/canonical.html":
				return text(
					ok,
					'<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>',
					"text/html",
				);
		}
		// Android, and NetworkManager, which accepts the field instead of its text.
		return {
			pieces: [`HTTP/1.1 204 No Content\r\nX-NetworkManager-Status: online\r\n${common}\r\n`],
			isUse: false,
		};
	};

	/** What a script on the page may know: no network's name. */
	const shownPhase = ({ phase }: SetupState): string =>
		phase === "storing" || phase === "joining" ? "joining" : phase === "done" ? "done" : "open";

	/** The texts of the first language of the list that the page has: browsers sort it by preference. */
	const preferred = (): string => {
		const tags = request.language.split(",");
		for (let i = 0; i < tags.length; i++) {
			const tag = (tags[i] as string).trim();
			if (tag.indexOf("zh") === 0) return chinese;
			if (tag.indexOf("en") === 0) break;
		}
		return english;
	};

	/** @param problem instead of the state's */
	const page = (shown: SetupState, problem: string | undefined = shown.failure): PortalResponse => {
		const texts = preferred();
		const phase = shownPhase(shown);
		const pieces = [
			`HTTP/1.1 ${ok}\r\nContent-Type: text/html; charset=utf-8\r\n${common}Content-Security-Policy: ${policy}\r\n\r\n`,
		];

		/** @returns empty if there is no such text */
		const text = (name: string): string => {
			const line = `\n${name}:`;
			const start = texts.indexOf(line);
			return start < 0 ? "" : texts.slice(start + line.length, texts.indexOf("\n", start + 1));
		};

		/** Names of texts are between bars. */
		const add = (markup: string): void => {
			const parts = markup.split("|");
			for (let i = 0; i < parts.length; i++) {
				const part = parts[i] as string;
				pieces.push(i & 1 ? text(part) : part);
			}
		};

		const paragraph = (start: string, content: string): void => {
			pieces.push(start, content, "</p>");
		};

		const form = ({ networks, network }: SetupState): void => {
			const radio = 'type=radio name=n required value="';
			/** What was entered, unless it is in the list. */
			let other = network ? network.name : "";
			if (problem) paragraph("<p role=alert class=e>", text(problem));
			pieces.push(
				`<form method=post autocapitalize=none autocomplete=off autocorrect=off spellcheck=false><input type=hidden name=t value=${token}>`,
			);
			add("<fieldset><legend>|list|</legend>");
			for (let i = 0; i < networks.length; i++) {
				const { name, security } = networks[i] as FoundNetwork;
				const shown = escapeHtml(name);
				pieces.push(`<label class=n><input ${radio}${shown}"`);
				if (name === other) {
					other = "";
					pieces.push(" checked");
				}
				pieces.push(security === "unsupported" ? " disabled> " : "> ", shown, text(security), "</label>");
			}
			pieces.push(`<input id=o ${radio}"${other !== "" || networks.length === 0 ? " checked" : ""}`);
			add(
				"><label for=o> |other|</label><div><label class=l for=s>|name|</label><input id=s name=o maxlength=32 value=",
			);
			pieces.push(`"${escapeHtml(other)}"`);
			add(
				"></div></fieldset><label class=l for=p>|key|</label><input id=p name=p type=password maxlength=64 aria-describedby=h><label class=n hidden><input id=v type=checkbox> |show|</label><p id=h>|hint|</p><button>|send|</button></form>",
			);
		};

		add(
			"<!doctype html><html lang=|lang|><meta charset=utf-8><meta name=viewport content='width=device-width,initial-scale=1'><title>|title|</title>",
		);
		pieces.push(style);
		if (phase === "joining") pieces.push("<noscript><meta http-equiv=refresh content='4;url=/'></noscript>");
		add("<main><h1>|title|</h1>");
		paragraph("<p>", escapeHtml(accessPoint));
		if (phase === "open") form(shown);
		else paragraph(`<p id=${phase} role=status>`, text(phase));
		pieces.push("</main>", script);
		return { pieces, isUse: true };
	};

	const enter = (): PortalResponse => {
		// While a network is tried, another form changes nothing: the page shows the state.
		if (setup.phase !== "open") return page(setup);
		let name = "";
		let mistake = "outdated";
		try {
			name = formField(crypto, body, "n") || formField(crypto, body, "o") || "";
			if (formField(crypto, body, "t") === token) {
				const network = enteredNetwork(crypto, name, formField(crypto, body, "p") ?? "");
				if (typeof network !== "string") return { ...page({ ...setup, phase: "joining" }), network };
				mistake = network;
			}
		} catch {
			// A browser sends no such form.
		}
		return page({ ...setup, network: { name } }, mistake);
	};

	const whole = (): PortalResponse => {
		// A foreign name, also one that an attacker's page has made resolve to this address, never has an effect.
		if (host !== address) {
			if (setup.phase === "done") return online();
			// With a body, without which Apple's probe opens no sheet.
			const url = `http://${address}/`;
			return text("302 Found", `<a href="${url}">${url}</a>`, `text/html\r\nLocation: ${url}`);
		}
		if (method === "POST" && path === "/") return enter();
		if (method !== "GET" && method !== "HEAD") return text("405 Method Not Allowed", "Use GET");
		if (path === "/state") return text(ok, shownPhase(setup));
		return path === "/" ? page(setup) : text("404 Not Found", "Not found");
	};

	const response = whole();
	return method === "HEAD" ? { ...response, pieces: [response.pieces[0] as string] } : response;
};
