import { gzipSync } from "node:zlib";
import { chinese, english } from "@dynreg/tools/setup-texts";
import test from "ava";
import type { FoundNetwork } from "dynreg/contracts/setup";
import { Secret } from "dynreg/core/secret";
import { type Portal, respond } from "dynreg/setup/portal";
import { createRequestReader, type Request } from "dynreg/setup/request";
import { type SetupState, startSetup } from "dynreg/setup/setup-state";
import { crypto } from "../support/node-crypto.js";

const portal: Portal = { crypto, address: "192.168.4.1", token: "0123456789abcdef", accessPoint: "LAMP-c020" };
const network = (name: string, security: FoundNetwork["security"] = "password"): FoundNetwork => ({
	name,
	signal: -50,
	channel: 6,
	security,
});
const open: SetupState = {
	...startSetup(false)[0],
	phase: "open",
	networks: [network("home"), network("café", "open"), network("office", "unsupported")],
};
const password = "an invented password";
const joining: SetupState = { ...open, phase: "joining", network: { name: "home", password: new Secret(password) } };
const done: SetupState = { ...open, phase: "done" };
const phases: readonly SetupState[] = [
	open,
	joining,
	{ ...joining, phase: "storing" },
	done,
	{ ...open, failure: "wrong-password", network: { name: "home" } },
];

function parsed(text: string): Request {
	return createRequestReader(crypto).read(Buffer.from(text)) as Request;
}

interface Answer {
	readonly status: number;
	readonly header: string;
	readonly body: string;
	readonly isUse: boolean;
	readonly network: ReturnType<typeof respond>["network"];
}

function ask(setup: SetupState, request: string): Answer {
	const { pieces, isUse, network: entered } = respond(portal, setup, parsed(request));
	const [header = "", ...body] = pieces;
	return {
		status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(header)?.[1]),
		header,
		body: body.join(""),
		isUse,
		network: entered,
	};
}

const get = (path: string, host = portal.address, more = "") => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`;
const post = (form: Readonly<Record<string, string>>, host = portal.address) => {
	const body = new URLSearchParams({ t: portal.token, ...form }).toString();
	return `POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
};

/** Requests as each system sends them, and whether it then believes that it is online or at a portal. */
const systems: Readonly<
	Record<string, readonly [url: string, isOnline: (a: Answer) => boolean, opens: (a: Answer) => boolean]>
> = {
	Android: [
		"http://connectivitycheck.gstatic.com/generate_204",
		({ status }) => status === 204,
		({ status, body }) => status >= 300 || (status === 200 && body.length > 4),
	],
	"Android's fallback": [
		"http://www.google.com/gen_204",
		({ status }) => status === 204,
		({ status, body }) => status >= 300 || (status === 200 && body.length > 4),
	],
	"iOS and macOS": [
		"http://captive.apple.com/hotspot-detect.html",
		({ status, body }) => status === 200 && body.includes("<BODY>Success</BODY>"),
		({ body }) => body.length > 0 && !body.includes("Success"),
	],
	"older iOS": [
		"http://www.apple.com/library/test/success.html",
		({ status, body }) => status === 200 && body.includes("<BODY>Success</BODY>"),
		({ body }) => body.length > 0 && !body.includes("Success"),
	],
	Windows: [
		"http://www.msftconnecttest.com/connecttest.txt",
		({ status, body }) => status === 200 && body === "Microsoft Connect Test",
		({ status }) => status === 302,
	],
	"older Windows": [
		"http://www.msftncsi.com/ncsi.txt",
		({ status, body }) => status === 200 && body === "Microsoft NCSI",
		({ status }) => status === 302,
	],
	Firefox: [
		"http://detectportal.firefox.com/success.txt?ipv4",
		({ status, body }) => status === 200 && body === "success\n",
		({ status }) => status === 302,
	],
	"Firefox, newer": [
		"http://detectportal.firefox.com/canonical.html",
		({ status, body }) => status === 200 && body.includes("support.mozilla.org/kb/captive-portal"),
		({ status }) => status === 302,
	],
	NetworkManager: [
		"http://nmcheck.gnome.org/check_network_status.txt",
		({ header }) => header.includes("\r\nX-NetworkManager-Status: online\r\n"),
		({ status, body }) => status === 302 && body !== "",
	],
};

for (const [system, [url, isOnline, opensSheet]] of Object.entries(systems))
	test(`${system}: a portal until a network is stored, then online`, (t) => {
		const { hostname, pathname, search } = new URL(url);
		const request = get(pathname + search, hostname);
		for (const setup of phases) {
			const answer = ask(setup, request);
			t.is(isOnline(answer), setup.phase === "done", setup.phase);
			t.is(opensSheet(answer), setup.phase !== "done", setup.phase);
			if (setup.phase !== "done") t.true(answer.header.includes("\r\nLocation: http://192.168.4.1/\r\n"));
			t.false(answer.isUse);
		}
	});

test("no response may be kept, and each ends its connection", (t) => {
	const requests = [
		get("/"),
		get("/state"),
		get("/none"),
		get("/generate_204", "connectivitycheck.gstatic.com"),
		get("/hotspot-detect.html", "captive.apple.com"),
		"PUT / HTTP/1.1\r\nHost: 192.168.4.1\r\n\r\n",
		post({ n: "home", p: password }),
		post({ n: "" }),
	];
	for (const setup of phases)
		for (const request of requests) {
			const { header } = ask(setup, request);
			t.true(header.includes("\r\nCache-Control: no-store\r\nConnection: close\r\n"), request);
			t.regex(header, /^HTTP\/1\.1 \d{3} [A-Za-z ]+\r\n([A-Za-z-]+: [^\r\n]+\r\n)+\r\n$/);
		}
	t.true(respond(portal, open, 431).pieces[0]?.startsWith("HTTP/1.1 431 "));
});

test("a content length is the body's", (t) => {
	for (const setup of phases)
		for (const request of [
			get("/state"),
			get("/none"),
			...Object.values(systems).map(([url]) => get(new URL(url).pathname, new URL(url).hostname)),
		]) {
			const { header, body } = ask(setup, request);
			const length = /Content-Length: (\d+)/.exec(header)?.[1];
			t.is(Number(length ?? 0), Buffer.byteLength(body));
		}
});

test("an entered network comes with the page that it is tried", (t) => {
	const answer = ask(open, post({ n: "home", o: "ignored", p: password }));
	t.is(answer.status, 200);
	t.is(answer.network?.name, "home");
	t.is(answer.network?.password?.reveal(), password);
	t.true(answer.body.includes(english.joining));
	t.true(answer.isUse);
});

test("another network's name counts where none of the list is chosen", (t) => {
	t.is(ask(open, post({ n: "", o: ' hidden & "quoted" 咖啡', p: "" })).network?.name, ' hidden & "quoted" 咖啡');
	t.is(ask(open, post({ o: "hidden" })).network?.name, "hidden");
	t.is(ask(open, post({ o: "hidden" })).network?.password, undefined);
});

test("a form is accepted only with the token, at the board's own address, by POST, and while none is tried", (t) => {
	const form = { n: "home", p: password };
	for (const [what, setup, request] of [
		["another token", open, post({ ...form, t: "0123456789abcdee" })],
		["no token", open, post({ ...form, t: "" })],
		["a foreign name that leads here", open, post(form, "attacker.example")],
		["the address with another port", open, post(form, "192.168.4.1:81")],
		["another path", open, post(form).replace("POST / ", "POST /state ")],
		["GET", open, get(`/?${new URLSearchParams({ t: portal.token, ...form })}`)],
		["PUT", open, post(form).replace("POST", "PUT")],
		["while another is tried", joining, post(form)],
		["after success", done, post(form)],
	] as const)
		t.is(ask(setup, request).network, undefined, what);
});

test("a mistake keeps the name and says what is wrong", (t) => {
	for (const [problem, form] of [
		["name-missing", { n: "", o: "" }],
		["name-too-long", { o: "x".repeat(33) }],
		["password-length", { n: "home", p: "short" }],
		["outdated", { n: "home", t: "of another time" }],
	] as const) {
		const answer = ask(open, post(form));
		t.true(answer.body.includes(`<p role=alert class=e>${english[problem]}</p>`), problem);
		if ("n" in form && form.n) t.true(answer.body.includes('value="home" checked>'), problem);
		if ("o" in form && form.o) t.true(answer.body.includes(`value="${form.o}"`), problem);
	}
	const malformed = "POST / HTTP/1.1\r\nHost: 192.168.4.1\r\nContent-Length: 4\r\n\r\nn=%0";
	t.true(ask(open, malformed).body.includes(english.outdated));
});

test("each failure has a sentence in both languages", (t) => {
	for (const failure of ["wrong-password", "not-found", "no-address", "refused", "not-stored"] as const)
		for (const [language, parts] of [
			["en-GB,en;q=0.9", english],
			["zh-CN, zh;q=0.9", chinese],
		] as const) {
			const setup: SetupState = { ...open, failure, network: { name: "hidden" } };
			const { body } = ask(setup, get("/", portal.address, `Accept-Language: ${language}\r\n`));
			t.true(body.includes(`<p role=alert class=e>${parts[failure]}</p>`));
			t.regex(body, /value="" checked><label for=o>.*value="hidden">/);
		}
	t.deepEqual(Object.keys(chinese), Object.keys(english));
});

test("the language is the first one of the phone's list that there is", (t) => {
	const language = (header: string) =>
		/<html lang=([\w-]+)>/.exec(ask(open, get("/", portal.address, header)).body)?.[1];
	for (const [header, expected] of [
		["", "en"],
		["Accept-Language: de-DE,de;q=0.9,fr;q=0.8\r\n", "en"],
		["Accept-Language: de, zh-TW;q=0.8, en;q=0.7\r\n", "zh-Hans"],
		["Accept-Language: zh\r\n", "zh-Hans"],
		["Accept-Language: de,en;q=0.8,zh;q=0.7\r\n", "en"],
	] as const)
		t.is(language(header), expected, header);
});

test("names are text, whatever they are", (t) => {
	const name = `"><script>alert('&')</script>`;
	const setup: SetupState = { ...open, networks: [network(name)] };
	for (const state of [setup, { ...setup, networks: [], network: { name } }]) {
		const { body } = respond({ ...portal, accessPoint: name }, state, parsed(get("/"))).pieces.reduce(
			(all, piece) => ({ body: all.body + piece }),
			{ body: "" },
		);
		t.false(body.includes("<script>alert"));
		t.true(body.includes("&quot;&gt;&lt;script&gt;alert('&amp;')&lt;/script&gt;"));
	}
});

test("a network of no use is shown and cannot be chosen; without any, a name can be entered at once", (t) => {
	const { body } = ask(open, get("/"));
	t.regex(body, /value="office" disabled> office \(not supported/);
	t.regex(body, /value="café"> café \(open\)/);
	t.true(ask({ ...open, networks: [] }, get("/")).body.includes('id=o type=radio name=n required value="" checked>'));
	t.false(body.includes(" checked"));
});

test("neither the password nor, but for the form, the network's name is in any response", (t) => {
	const requests = [
		get("/"),
		get("/state"),
		get("/nothing"),
		post({ n: "x" }),
		...Object.values(systems).map(([url]) => get(new URL(url).pathname, new URL(url).hostname)),
	];
	const secretName: SetupState = {
		...open,
		networks: [network("neighbour")],
		network: { name: "the customer's", password: new Secret(password) },
	};
	for (const phase of ["scanning", "opening", "joining", "storing", "done", "closed"] as const)
		for (const request of requests) {
			const { header, body } = ask({ ...secretName, phase }, request);
			t.false((header + body).includes(password));
			if (phase === "joining" || phase === "storing" || phase === "done")
				t.false((header + body).includes("customer"), `${phase} ${request}`);
		}
	t.false(ask(open, post({ n: "home", p: password })).body.includes(password));
	t.false(ask(open, post({ n: "", p: password })).body.includes(password));
});

test("the state for the page's script is one word", (t) => {
	const word = (setup: SetupState) => ask(setup, get("/state")).body;
	t.deepEqual(phases.map(word), ["open", "joining", "joining", "done", "open"]);
});

test("HEAD has the header only", (t) => {
	const { header, body } = ask(open, get("/").replace("GET", "HEAD"));
	t.true(header.startsWith("HTTP/1.1 200 "));
	t.is(body, "");
});

test("what is not there, and what is not allowed", (t) => {
	t.is(ask(open, get("/favicon.ico")).status, 404);
	t.is(ask(open, "DELETE / HTTP/1.1\r\nHost: 192.168.4.1\r\n\r\n").status, 405);
});

test("the page asks no other server, and is under 4 KB compressed with 16 networks", (t) => {
	const full = { ...open, networks: Array.from({ length: 16 }, (_, index) => network(`咖啡馆 network ${index}`)) };
	for (const language of ["en", "zh"])
		for (const setup of [full, joining, done]) {
			const { header, body } = ask(setup, get("/", portal.address, `Accept-Language: ${language}\r\n`));
			t.notRegex(body, /https?:|src=|@import|url\(/);
			t.true(header.includes("default-src 'none'"));
			const bytes = gzipSync(body).length;
			t.log(`${language}, ${setup.phase}: ${Buffer.byteLength(body)} bytes, ${bytes} compressed`);
			t.true(bytes < 4096);
		}
});

test("a piece of the page has at most 1.5 KB", (t) => {
	for (const setup of phases)
		for (const language of ["en", "zh"])
			for (const piece of respond(portal, setup, parsed(get("/", portal.address, `Accept-Language: ${language}\r\n`)))
				.pieces)
				t.true(Buffer.byteLength(piece) <= 1536, piece);
});
