import type { Crypto, Storage } from "dynreg/contracts/host";
import type { WifiNetwork } from "dynreg/contracts/setup";
import { Secret } from "dynreg/core/secret";
import { accessPassword } from "dynreg/setup/access-password";
import { answerQuery } from "dynreg/setup/dns-answer";
import { openNetworkStore } from "dynreg/setup/network-record";
import { type PortalResponse, respond } from "dynreg/setup/portal";
import { createRequestReader, type Request } from "dynreg/setup/request";
import { nextSetup, type SetupEvent, type SetupState, type Step, startSetup } from "dynreg/setup/setup-state";
import type { ContractCase } from "./case.js";
import { deepFreeze } from "./deep-freeze.js";
import { expectEqual, expectFailure, expectTrue } from "./expect.js";

const address = "192.168.4.1";
const token = "0123456789abcdef";
/** 32 bytes, a character of each length. */
const name = "café 咖啡馆 💩 & <my home>";
const password = 'an invented "password" + 密码%';
const hexPassword = "0123456789abcdefABCDEF0123456789abcdefABCDEF0123456789abcdefABCD";

/** Set-up mode, as far as it needs no radio and no phone. */
export const setup: readonly ContractCase[] = deepFreeze<readonly ContractCase[]>([
	{
		name: "setup: a network is kept byte for byte, the newer one counts, and erasing leaves none",
		async run({ storage, crypto }) {
			if (await refusesNetworks(storage, crypto)) return;
			const store = openNetworkStore(storage, crypto);
			store.erase();
			expectEqual(store.load(), undefined, "network in empty flash");
			// More than there are slots.
			for (const network of [
				{ name: "open" },
				{ name, password: new Secret(password) },
				{ name: "hexadecimal", password: new Secret(hexPassword) },
				{ name, password: new Secret(password) },
			]) {
				store.commit(network);
				expectNetwork(store.load(), network.name, network.password?.reveal());
				expectNetwork(openNetworkStore(storage, crypto).load(), network.name, network.password?.reveal());
			}
			store.erase();
			expectEqual(openNetworkStore(storage, crypto).load(), undefined, "network after erasing");
		},
	},
	{
		name: "setup: a damaged or cut network is ignored, and the one before it counts",
		async run({ storage, crypto }) {
			if (await refusesNetworks(storage, crypto)) return;
			const store = openNetworkStore(storage, crypto);
			store.erase();
			store.commit({ name: "before", password: new Secret("an invented password") });
			store.commit({ name });
			// An empty store begins with one of the two, so the newer one is in the other.
			const newer = storage.get("w0")?.[4] === 2 ? "w0" : "w1";
			const whole = storage.get(newer) ?? new Uint8Array(0);
			expectTrue(whole.length > 12, "the newer network is in flash");
			for (let place = 0; place < whole.length; place++) {
				const damaged = whole.slice();
				damaged[place] = (damaged[place] as number) ^ 0x10;
				storage.set(newer, damaged);
				expectEqual(store.load()?.name, "before", `network with byte ${place} damaged`);
			}
			for (const length of [1, 12, whole.length - 1]) {
				storage.set(newer, whole.slice(0, length));
				expectEqual(store.load()?.name, "before", `network cut after ${length} bytes`);
			}
			store.commit({ name: "repaired" });
			expectNetwork(store.load(), "repaired", undefined);
			store.erase();
		},
	},
	{
		name: "setup: flash whose values are too short for a network is bad-configuration",
		async run({ storage, crypto }) {
			const short = { ...storage, maxValueBytes: 107 };
			await expectFailure(() => openNetworkStore(short, crypto), "store", "bad-configuration");
		},
	},
	{
		name: "setup: the access point's password is that of the MAC address's label",
		async run({ crypto }) {
			// Computed with Python's hmac: HMAC-SHA256(secret, "a4d18cdbc020"), five bits of each of 12 bytes.
			const secret = new Secret("an-invented-set-up-secret");
			for (const mac of ["a4:d1:8c:db:c0:20", "A4:D1:8C:DB:C0:20"])
				expectEqual(accessPassword(crypto, secret, mac).reveal(), "zszazh52bbhe", `password for ${mac}`);
			await expectFailure(
				() => accessPassword(crypto, new Secret("a-short-made-up-one"), "a4:d1:8c:db:c0:20"),
				"configuration",
				"bad-configuration",
			);
		},
	},
	{
		name: "setup: a form in pieces of any length is read, and percent-decoded to UTF-8",
		async run({ crypto }) {
			const body = `t=${token}&n=${percentEncoded(crypto, name)}&o=&p=${percentEncoded(crypto, password)}`;
			const bytes = crypto.utf8(post(body));
			for (const size of [1, 7, bytes.length]) {
				const response = respond(portal(crypto), opened(), read(crypto, bytes, size) as Request);
				expectNetwork(response.network, name, password);
				expectTrue(!textOf(response).includes("密码"), "the page does not show the password");
			}
			// As browsers send blanks, and in the field for another name.
			const other = respond(portal(crypto), opened(), parsed(crypto, post(`t=${token}&n=&o=caf%c3%a9+2&p=`)));
			expectNetwork(other.network, "café 2", undefined);
		},
	},
	{
		name: "setup: a form that no browser sends enters no network",
		async run({ crypto }) {
			for (const body of [
				`t=${token}&n=home&p=%`,
				`t=${token}&n=%f0%9f%92`,
				`t=${token}&n=%c0%80`,
				`t=${token}&n=%ed%a0%bd`,
				`t=${token}&n=home%00`,
				`t=${token}&n=home&p=1234567`,
				`t=${token}&n=${"%e5%92%96".repeat(11)}`,
				"t=another&n=home",
				"n=home",
			]) {
				const response = respond(portal(crypto), opened(), parsed(crypto, post(body)));
				expectEqual(response.network, undefined, `network of ${body}`);
				expectTrue(textOf(response).includes("role=alert"), `the page has a message after ${body}`);
			}
			const foreign = respond(portal(crypto), opened(), parsed(crypto, post(`t=${token}&n=home`, "router.example")));
			expectEqual(foreign.network, undefined, "network of a foreign page's form");
		},
	},
	{
		name: "setup: a request beyond the limits, or none, is refused",
		async run({ crypto }) {
			const head = `POST / HTTP/1.1\r\nHost: ${address}\r\n`;
			const refused: readonly (readonly [text: string, status: number])[] = [
				["HELO\r\n", 400],
				["GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400],
				[`${head}Content-Length: 5x\r\n\r\n`, 400],
				[`${head}Transfer-Encoding: chunked\r\n\r\n`, 411],
				[`${head}Content-Length: 513\r\n\r\n`, 413],
				[`${head}X-Long: ${"a".repeat(4096)}\r\n\r\n`, 431],
			];
			for (const [text, status] of refused) {
				const result = read(crypto, crypto.utf8(text), 100);
				expectEqual(result, status, `status of ${text.slice(0, 60)}`);
				expectTrue(
					textOf(respond(portal(crypto), opened(), status)).indexOf(`HTTP/1.1 ${status} `) === 0,
					`a response says ${status}`,
				);
			}
			const notText = crypto.utf8("GET /. HTTP/1.1\r\n");
			notText[5] = 0xff;
			expectEqual(read(crypto, notText, 100), 400, "status of a path that is no UTF-8");
		},
	},
	{
		name: "setup: the page escapes the names of networks, and its bytes are UTF-8",
		async run({ crypto }) {
			const state = opened();
			const response = respond(portal(crypto), state, parsed(crypto, get("/", "Accept-Language: zh-CN,en\r\n")));
			const text = textOf(response);
			expectTrue(text.indexOf("HTTP/1.1 200 OK\r\n") === 0, "the page has status 200");
			expectTrue(text.includes('value="café 咖啡馆 💩 &amp; &lt;my home&gt;"'), "the name is escaped");
			expectTrue(!text.includes("<my home>"), "no name is markup");
			expectEqual(crypto.text(crypto.utf8(text)), text, "page as UTF-8");
			const names = state.networks.map(({ name }) => name).join();
			expectEqual(names, `${name},neighbour`, "offered networks, the strongest first, each once");
		},
	},
	{
		name: "setup: a phone's probe opens the page, and means online once a network is stored",
		async run({ crypto }) {
			const probe = () => parsed(crypto, "GET /generate_204 HTTP/1.1\r\nHost: connectivitycheck.example\r\n\r\n");
			const before = respond(portal(crypto), opened(), probe());
			expectTrue(textOf(before).includes(`\r\nLocation: http://${address}/\r\n`), "the probe is led to the page");
			const after = respond(portal(crypto), stored(), probe());
			expectTrue(textOf(after).indexOf("HTTP/1.1 204 ") === 0, "the probe has status 204");
			expectEqual(before.isUse || after.isUse, false, "use of the page");
		},
	},
	{
		name: "setup: a network is stored after it has given an address, and a failure leads back to the form",
		async run() {
			const entered = { type: "entered", network: { name, password: new Secret(password) } } as const;
			const [tried, actions] = nextSetup(opened(), entered, 0);
			expectEqual(typesOf(actions), "join", "actions after a form");
			expectEqual(typesOf(nextSetup(tried, entered, 0)[1]), "", "actions after a second form");
			const [failed] = nextSetup(tried, { type: "tried", outcome: "wrong-password" }, 1000);
			expectEqual(failed.phase, "open", "phase after a failure");
			expectNetwork(failed.network, name, undefined);
			const [storing, next] = nextSetup(tried, { type: "tried", outcome: "joined" }, 1000);
			expectEqual(typesOf(next), "store", "actions after an address");
			const [done] = nextSetup(storing, { type: "stored" }, 1000);
			expectEqual(
				typesOf(nextSetup(done, { type: "waited", guests: 1 }, 1000)[1]),
				"close restart",
				"actions at the end",
			);
		},
	},
	{
		name: "setup: each name has the board's address, also for a query with EDNS",
		async run({ crypto }) {
			const question = "0763417054697665076578616d706c650000010001";
			const own = Uint8Array.of(192, 168, 4, 1);
			// `cApTive.example`, A, with a cookie and the DO bit.
			const query = bytesOf(`123401200001000000000001${question}00002904d000008000000c000a00080102030405060708`);
			expectEqual(
				crypto.hex(answerQuery(query, own) ?? new Uint8Array(0)),
				`123485800001000100000001${question}c00c00010001000000050004c0a804010000290200000080000000`,
				"response",
			);
			for (let length = 0; length < query.length; length++) {
				const response = answerQuery(query.slice(0, length), own);
				// Format error, or none where the header is cut.
				expectEqual(
					response && (response[3] as number) & 15,
					length < 12 ? undefined : 1,
					`code after ${length} bytes`,
				);
			}
			query[2] = 0x81;
			expectEqual(answerQuery(query, own), undefined, "response to a response");
		},
	},
]);

/**
 * Whether flash cannot hold a network, as an ESP8266's preferences: then it must be refused.
 *
 * @throws Error if it is not
 */
export async function refusesNetworks(storage: Storage, crypto: Crypto): Promise<boolean> {
	if (storage.maxValueBytes >= 108) return false;
	await expectFailure(() => openNetworkStore(storage, crypto), "store", "bad-configuration");
	return true;
}

function expectNetwork(network: WifiNetwork | undefined, expected: string, secret: string | undefined): void {
	expectEqual(network?.name, expected, "name");
	// The value is made up.
	expectEqual(network?.password?.reveal(), secret, "password");
}

function portal(crypto: Crypto) {
	return { crypto, address, token, accessPoint: "LAMP-c020" };
}

/** The state after a scan that has found a network twice, a hidden one and one with a malformed name. */
function opened(): SetupState {
	const security = "password";
	return after(startSetup(false), [
		{
			type: "scanned",
			networks: [
				{ name: "neighbour", signal: -70, channel: 1, security },
				{ name, signal: -60, channel: 6, security },
				{ name, signal: -50, channel: 11, security },
				{ name: "", signal: -40, channel: 1, security },
				{ name: "caf\ufffd", signal: -40, channel: 1, security },
			],
		},
		{ type: "opened" },
	]);
}

function stored(): SetupState {
	return after(
		[opened(), []],
		[{ type: "entered", network: { name: "home" } }, { type: "tried", outcome: "joined" }, { type: "stored" }],
	);
}

function after([first]: Step, events: readonly SetupEvent[]): SetupState {
	let state = first;
	for (const event of events) [state] = nextSetup(state, event, 0);
	return state;
}

function typesOf(actions: Step[1]): string {
	return actions.map(({ type }) => type).join(" ");
}

function get(path: string, more = ""): string {
	return `GET ${path} HTTP/1.1\r\nHost: ${address}\r\n${more}\r\n`;
}

function post(body: string, host = address): string {
	return `POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

/** In pieces of this many bytes. */
function read(crypto: Crypto, bytes: Uint8Array, size: number): Request | number | undefined {
	const reader = createRequestReader(crypto);
	for (let start = 0; start < bytes.length; start += size) {
		const result = reader.read(bytes.slice(start, start + size));
		if (result !== undefined) return result;
	}
	return undefined;
}

function parsed(crypto: Crypto, text: string): Request {
	const request = read(crypto, crypto.utf8(text), 4096);
	if (typeof request !== "object") throw new Error(`expected a request, got ${request} for ${text}`);
	return request;
}

function textOf({ pieces }: PortalResponse): string {
	return pieces.join("");
}

/** Each byte. */
function percentEncoded(crypto: Crypto, text: string): string {
	const hex = crypto.hex(crypto.utf8(text));
	let encoded = "";
	for (let at = 0; at < hex.length; at += 2) encoded += `%${hex.slice(at, at + 2)}`;
	return encoded;
}

function bytesOf(hex: string): Uint8Array {
	return Uint8Array.from({ length: hex.length / 2 }, (_, index) =>
		Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16),
	);
}
