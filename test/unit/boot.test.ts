import test, { type ExecutionContext } from "ava";
import { applyFactoryPartition } from "dynreg/configuration/factory-partition";
import type { BoardEvent, FailureReport } from "dynreg/contracts/event";
import type { Clock, Host, MqttConnection, MqttEvents } from "dynreg/contracts/host";
import type { Session } from "dynreg/contracts/session";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import { openVault } from "dynreg/credential-store/vault";
import { withMessage } from "dynreg/messages/sentence";
import { InMemoryFlash } from "../support/flash.js";
import { crypto } from "../support/node-crypto.js";
import { reservedPorts } from "../support/reserved-ports.js";
import {
	closeSession,
	cloudWithProduct,
	device,
	product,
	productSecret,
	startTestBoard,
	webServer,
} from "./board-with-real-cloud.js";
import { encryptPayload } from "./encrypt-payload.js";

const identity = `tencent/${product}/${device}`;
const names = (events: readonly BoardEvent[]) => events.map(({ event }) => event);
const failed = (code: string) => (event: BoardEvent) => event.event === "failed" && event.code === code;
const online = (event: BoardEvent) => event.event === "online";
const vaultOf = (flash: InMemoryFlash) => openVault(flash, crypto, identity);
const key = (text: string) => ({ kind: "key", secret: new Secret(text) }) as const;

test("a board with empty flash registers once and later only connects", async (t) => {
	const cloud = await cloudWithProduct(t);
	const flash = new InMemoryFlash(4000);
	const first = startTestBoard(cloud.configuration, { flash, application: closeSession });
	await first.ended;
	t.deepEqual(names(first.events), ["boot", "registering", "registered", "stored", "connecting", "online"]);
	t.deepEqual(cloud.requests(), ["register/v2 accepted", "connect accepted"]);
	t.like(vaultOf(flash).load(), { active: true, refusals: 0 });

	cloud.administration.clearRequests();
	const second = startTestBoard(cloud.configuration, { flash, application: closeSession });
	await second.ended;
	t.deepEqual(names(second.events), ["boot", "connecting", "online"]);
	t.deepEqual(cloud.requests(), ["connect accepted"], "invariant 1");
});

test("invariant 2: a credential that flash does not keep is never connected with", async (t) => {
	const cloud = await cloudWithProduct(t);
	const flash = new InMemoryFlash(4000);
	const set = flash.set.bind(flash);
	flash.set = (name, value) => set(name, value.fill(0));
	const board = startTestBoard(cloud.configuration, { flash, onSleep: (number, it) => number === 4 && it.off() });
	await board.until((event) => event.event === "failed" && board.sleeps.length === 3);
	t.false(cloud.requests().some((request) => request.startsWith("connect")));
	t.like(board.events.find(failed("storage-mismatch")), { phase: "store", action: "retry" });
	board.off();
});

test("invariant 4: an invalid response writes nothing to flash", async (t) => {
	const { configuration, ...cloud } = await cloudWithProduct(t);
	for (const body of ["<html>log in here</html>", '{"Response":{"Payload":"AAAA","Len":1}}', ""]) {
		const register = await webServer(t, (response) => response.end(body));
		const flash = new InMemoryFlash(4000);
		const board = startTestBoard(
			{ ...configuration, dangerouslyAllowPlain: true, endpoints: { register, mqtt: cloud.urls.mqtts } },
			{ flash, onSleep: (number, it) => number === 4 && it.off() },
		);
		await board.until(failed("bad-answer"));
		t.is(flash.steps, 0);
		board.off();
	}
	t.deepEqual(cloud.requests(), []);
});

test("invariant 5: only the response to the latest request counts", async (t) => {
	const cloud = await cloudWithProduct(t);
	const psks = ["AAECAwQFBgcICQoLDA0ODw==", "EBESExQVFhcYGRobHB0eHw=="];
	let gone = () => {};
	const late = new Promise<void>((resolve) => {
		gone = resolve;
	});
	let requests = 0;
	const register = await webServer(t, (response) => {
		const plain = `{"encryptionType":2,"psk":"${psks[requests++]}"}`;
		const answer = () =>
			response.end(JSON.stringify({ Response: { Payload: encryptPayload(productSecret, plain), Len: plain.length } }));
		if (requests > 1) return answer();
		response.once("close", gone);
		return setTimeout(answer, 2300);
	});
	const flash = new InMemoryFlash(4000);
	const board = startTestBoard(
		{ ...cloud.configuration, dangerouslyAllowPlain: true, endpoints: { register, mqtt: cloud.urls.mqtts } },
		{
			flash,
			// Only the first request is abandoned; a busy machine may take its time over the others.
			ports: ({ http }) => ({
				http: { request: (request, deadline) => http.request(request, requests === 0 ? 2000 : deadline) },
			}),
		},
	);
	await board.until(({ event }) => event === "stored");
	await late;
	await new Promise((resolve) => setTimeout(resolve, 600));
	t.deepEqual(
		board.events.slice(0, 5).map((event) => ("code" in event ? event.code : event.event)),
		["boot", "registering", "timeout", "registering", "registered"],
	);
	t.is(vaultOf(flash).load()?.credential.secret.reveal(), psks[1]);
	board.off();
});

test("invariant 7: needs-attention failures are reported and retried at the cap", async (t) => {
	const cloud = await cloudWithProduct(t);
	const board = startTestBoard(
		{ ...cloud.configuration, productSecret: "AnotherSecretOfTheTests1" },
		{
			onSleep: (number) => {
				if (number === 4) cloud.administration.putProduct("tencent", product, { secret: "AnotherSecretOfTheTests1" });
			},
		},
	);
	await board.until(online);
	const failures = board.events.filter(failed("bad-product-secret"));
	t.is(failures.length, 3);
	t.like(failures[0], { phase: "register", action: "needs-attention" });
	for (const delay of board.sleeps.slice(1)) t.true(delay >= 270_000 && delay <= 300_000, `${delay}`);
	board.off();
});

test("invariant 7: a missing broker is retried with growing delays", async (t) => {
	const cloud = await cloudWithProduct(t, "automatic", { ports: reservedPorts() });
	const board = startTestBoard(cloud.configuration, {
		randomByte: 0xff,
		onSleep: async (number) => {
			if (number === 1) await cloud.administration.stopBroker();
			if (number === 9) await cloud.administration.startBroker();
		},
	});
	await board.until(online);
	t.deepEqual(
		board.sleeps.map((sleep) => Math.round(sleep / 1000)),
		[0, 10, 20, 40, 80, 160, 300, 300, 300],
	);
	t.is(board.events.filter(failed("connect-failed")).length, 8);
	t.deepEqual(cloud.requests(), ["register/v2 accepted", "connect accepted"], "and it did not register again");
	board.off();
});

test("a stable session resets the backoff, a short one does not", async (t) => {
	const cloud = await cloudWithProduct(t);
	let skipped = 0;
	const drop = () => cloud.administration.disconnectDevice("tencent", product, device);
	let sessions = 0;
	const board = startTestBoard(cloud.configuration, {
		randomByte: 0xff,
		ports: ({ clock }) => ({ clock: { ...clock, ticks: () => clock.ticks() + skipped } }),
		application: async (session) => {
			if (++sessions === 4) skipped += 60_000;
			if (sessions === 6) return session.close();
			drop();
		},
	});
	await board.ended;
	t.deepEqual(
		board.sleeps.map((sleep) => Math.round(sleep / 1000)),
		[0, 10, 20, 40, 10, 20],
	);
	t.is(board.events.filter(({ event }) => event === "offline").length, 5);
});

test("after three sessions in a row that were lost within a minute, a device of the same name is a likely cause", async (t) => {
	const cloud = await cloudWithProduct(t);
	let skipped = 0;
	let sessions = 0;
	const board = startTestBoard(cloud.configuration, {
		ports: ({ clock }) => ({ clock: { ...clock, ticks: () => clock.ticks() + skipped } }),
		application: async (session) => {
			if (++sessions === 5) skipped += 60_000;
			if (sessions === 9) return session.close();
			cloud.administration.disconnectDevice("tencent", product, device);
		},
	});
	await board.ended;
	const offline = board.events.filter(({ event }) => event === "offline") as FailureReport[];
	const often = "short-sessions";
	t.deepEqual(
		offline.map(({ reason }) => reason),
		[undefined, undefined, often, often, undefined, undefined, undefined, often],
	);
	for (const { code, action } of offline) t.is(`${code} ${action}`, "connection-lost retry");
	t.regex(
		sentenceOf(offline[2] as BoardEvent & FailureReport) ?? "",
		/^[^ ]+:\d+ accepted the last sessions, but each was lost within a minute\. .* or another device uses the same name\. Check that no other device/,
	);
});

test("invariant 7: a fleet that is switched on together spreads its first requests", async (t) => {
	const cloud = await cloudWithProduct(t);
	const board = startTestBoard(
		{ ...cloud.configuration, startupJitter: 100 },
		{ randomByte: 0x80, application: closeSession },
	);
	await board.ended;
	t.true(Math.abs((board.sleeps[0] as number) - 50_196) < 1);
});

test("invariant 6: an active credential is replaced only after ten refusals", async (t) => {
	const cloud = await cloudWithProduct(t);
	const { administration } = cloud;
	const flash = new InMemoryFlash(63);
	await startTestBoard(cloud.configuration, { flash, application: closeSession }).ended;
	const old = vaultOf(flash).load()?.credential.secret.reveal();
	administration.rotateDevice("tencent", product, device);
	administration.clearRequests();

	const board = startTestBoard(cloud.configuration, {
		flash,
		onSleep: (number) => {
			if (number === 15) {
				t.is(vaultOf(flash).load()?.credential.secret.reveal(), old);
				administration.resetDevice("tencent", product, device);
			}
		},
		application: closeSession,
	});
	await board.ended;
	t.deepEqual(cloud.requests(), [
		...Array(10).fill("connect refused"),
		"register/v2 refused",
		"connect refused",
		"register/v2 refused",
		"connect refused",
		"register/v2 accepted",
		"connect accepted",
	]);
	t.like(board.events.find(failed("credential-refused")), { phase: "connect", action: "retry" });
	t.like(board.events.find(failed("already-activated")), { phase: "register", action: "needs-attention" });
	t.like(vaultOf(flash).load(), { active: true, refusals: 0, previous: undefined });
	t.not(vaultOf(flash).load()?.credential.secret.reveal(), old);
});

test("invariant 6: a replacement survives a power cut and a mistaken refusal", async (t) => {
	const cloud = await cloudWithProduct(t);
	const flash = new InMemoryFlash(4000);
	// The old one is active here and dead in the cloud; the new one is active in the cloud, and that note was lost.
	await startTestBoard(cloud.configuration, { flash, application: closeSession }).ended;
	const known = vaultOf(flash).load()?.credential.secret.reveal() as string;
	const lost = new InMemoryFlash(4000);
	vaultOf(lost).commit(key("AAECAwQFBgcICQoLDA0ODw=="));
	vaultOf(lost).accepted();
	vaultOf(lost).commit(key(known));
	vaultOf(lost).refused();
	const board = startTestBoard(cloud.configuration, { flash: lost, application: closeSession });
	await board.ended;
	t.is(vaultOf(lost).load()?.credential.secret.reveal(), known);
	t.like(vaultOf(lost).load(), { active: true, previous: undefined });
});

test("a device that was deleted in the cloud comes back by registering again", async (t) => {
	const cloud = await cloudWithProduct(t);
	const flash = new InMemoryFlash(4000);
	await startTestBoard(cloud.configuration, { flash, application: closeSession }).ended;
	cloud.administration.deleteDevice("tencent", product, device);
	cloud.administration.clearRequests();
	await startTestBoard(cloud.configuration, { flash, application: closeSession }).ended;
	t.deepEqual(cloud.requests(), [...Array(10).fill("connect refused"), "register/v2 accepted", "connect accepted"]);
});

test("a 63-byte storage refuses a certificate product before any request is sent", async (t) => {
	const cloud = await cloudWithProduct(t);
	const flash = new InMemoryFlash(63);
	const board = startTestBoard({ ...cloud.configuration, auth: "certificate" }, { flash });
	const event = await board.until(failed("storage-too-small"));
	t.like(event, { phase: "store", action: "needs-attention" });
	t.deepEqual(cloud.requests(), []);
	t.is(flash.steps, 0);
	board.off();
});

/** A web server that knows what time it is, or says so. @returns its URL */
function timeServer(t: ExecutionContext, date: string | undefined): Promise<string> {
	return webServer(t, (response) => {
		response.sendDate = false;
		if (date !== undefined) response.setHeader("Date", date);
		response.end();
	});
}

/** A clock that nobody answers for. */
function unknownClock(): Clock & { readonly set: (now: number) => void } {
	let now: number | undefined;
	return {
		now: () => (now !== undefined && now > Date.UTC(2026, 0, 1) ? now : undefined),
		set: (given) => {
			now = given;
		},
		async sync() {
			if (this.now() === undefined) throw new Failure("clock", "clock-unknown", "retry", { names: ["ntp.example"] });
		},
		ticks: () => 0,
	};
}

test("without a time server a web server's Date is used if configured", async (t) => {
	const cloud = await cloudWithProduct(t);
	const url = await timeServer(t, new Date().toUTCString());
	const board = startTestBoard(
		{ ...cloud.configuration, httpTimeServer: url },
		{ application: closeSession, ports: () => ({ clock: unknownClock() }) },
	);
	await board.ended;
	t.deepEqual(cloud.requests(), ["register/v2 accepted", "connect accepted"]);
});

const bothSources = "Allow UDP port 123 in this network, or set sntp or httpTimeServer to a server in reach.";

test("without the time nothing is sent, and the failure says what became of each source", async (t) => {
	const cloud = await cloudWithProduct(t);
	for (const [date, outcome] of [
		["Thu, 01 Jan 1970 00:00:00 GMT", "sends the wrong Date Thu, 01 Jan 1970 00:00:00 GMT."],
		["Thu, 01 Jan 2015 00:00:00 GMT", "sends the wrong Date Thu, 01 Jan 2015 00:00:00 GMT."],
		["Fri, 01 Jan 2100 00:00:00 GMT", "sends the wrong Date Fri, 01 Jan 2100 00:00:00 GMT."],
		["soon", "sends the wrong Date soon."],
		["x".repeat(500), `sends the wrong Date ${"x".repeat(40)}.`],
		[undefined, "sends no Date."],
		["no server", "cannot be used (connect-failed)."],
		["not allowed", ""],
	] as const) {
		const url = await timeServer(t, date);
		const httpTimeServer = date === "no server" ? "http://127.0.0.1:1" : date === "not allowed" ? undefined : url;
		const board = startTestBoard(
			{ ...cloud.configuration, httpTimeServer },
			{ ports: () => ({ clock: unknownClock() }) },
		);
		const event = await board.until(({ event }) => event === "failed");
		t.like(event, { phase: "clock", code: "clock-unknown", action: "retry", names: ["ntp.example"] });
		const web = httpTimeServer && `, and the web server ${httpTimeServer.slice("http://".length)} ${outcome}`;
		t.is(
			sentenceOf(event),
			`No time server responded with a valid time (ntp.example)${web ?? "."} Without the time, no certificate can be verified. ${web ? bothSources : "Allow UDP port 123 in this network, or set sntp to a time server in reach."}`,
		);
		board.off();
	}
	t.deepEqual(cloud.requests(), []);
});

test("a computer without the time is what the failure is about, also with a web server that has none", async (t) => {
	const cloud = await cloudWithProduct(t);
	const url = await timeServer(t, undefined);
	const board = startTestBoard(
		{ ...cloud.configuration, httpTimeServer: url },
		{
			ports: () => ({
				clock: {
					...unknownClock(),
					sync: () => Promise.reject(new Failure("clock", "clock-unknown", "retry", { reason: "computer" })),
				},
			}),
		},
	);
	t.like(await board.until(({ event }) => event === "failed"), { code: "clock-unknown", reason: "computer" });
	board.off();
});

test("invalid time servers are reported, also with a web server", async (t) => {
	const cloud = await cloudWithProduct(t);
	const url = await timeServer(t, new Date().toUTCString());
	const board = startTestBoard(
		{ ...cloud.configuration, httpTimeServer: url },
		{
			ports: () => ({
				clock: {
					...unknownClock(),
					sync: () => Promise.reject(new Failure("clock", "bad-configuration", "needs-attention", { key: "sntp" })),
				},
			}),
		},
	);
	t.like(await board.until(({ event }) => event === "failed"), { code: "bad-configuration", key: "sntp" });
	board.off();
});

const wrongTimes = ["Thu, 01 Jan 2060 00:00:00 GMT", "Thu, 31 Dec 2099 23:59:59 GMT", "Fri, 02 Jan 2026 00:00:00 GMT"];

/** A board whose servers' certificates are valid within a year of now only, by its own clock. */
function wrongClock() {
	let offset = 0;
	let known = false;
	const now = () => (known ? Date.now() + offset : undefined);
	const year = 365 * 86_400_000;
	return {
		now,
		set(time: number) {
			offset = time - Date.now();
			known = true;
		},
		verify() {
			if (offset > year) throw new Failure("register", "certificate-expired", "needs-attention");
			if (offset < -86_400_000) throw new Failure("register", "certificate-not-yet-valid", "retry");
		},
	};
}

for (const wrong of wrongTimes)
	test(`a web server that says ${wrong} once is asked again, while no time server responds`, async (t) => {
		const cloud = await cloudWithProduct(t);
		let asked = 0;
		const url = await webServer(t, (response) => {
			response.setHeader("Date", ++asked === 1 ? wrong : new Date().toUTCString());
			response.end();
		});
		const board = startTestBoard(
			{ ...cloud.configuration, httpTimeServer: url },
			{
				application: closeSession,
				ports: ({ clock, http }) => {
					const wrongly = wrongClock();
					return {
						clock: {
							...clock,
							...wrongly,
							async sync(_, force) {
								if (force || wrongly.now() === undefined)
									throw new Failure("clock", "clock-unknown", "retry", { names: ["a"] });
							},
						},
						http: {
							async request(request, deadline) {
								if (request.endpoint.secure) wrongly.verify();
								return http.request(request, deadline);
							},
						},
					};
				},
			},
		);
		await board.ended;
		t.is(asked, 2);
		t.is(board.events.filter(({ event }) => event === "failed").length, 1);
	});

test("where time servers agree on a wrong time, the web server is asked; where that is wrong, the time servers", async (t) => {
	const cloud = await cloudWithProduct(t);
	for (const right of ["time-servers", "web-server"]) {
		const date = right === "web-server" ? new Date().toUTCString() : "Thu, 01 Jan 2060 00:00:00 GMT";
		const url = await timeServer(t, date);
		let syncs = 0;
		const board = startTestBoard(
			{ ...cloud.configuration, deviceName: right, httpTimeServer: url },
			{
				application: closeSession,
				ports: ({ clock, http }) => {
					const wrongly = wrongClock();
					return {
						clock: {
							...clock,
							...wrongly,
							async sync(_, force) {
								if (!force && wrongly.now() !== undefined) return;
								syncs++;
								wrongly.set(right === "time-servers" && syncs > 3 ? Date.now() : Date.UTC(2060, 0));
							},
						},
						http: {
							async request(request, deadline) {
								if (request.endpoint.secure) wrongly.verify();
								return http.request(request, deadline);
							},
						},
					};
				},
			},
		);
		await board.ended;
		const failures = board.events.filter(({ event }) => event === "failed").length;
		t.is(failures, right === "web-server" ? 2 : 5, right);
	}
});

test("a doubted clock that no source responds for is kept, and each attempt asks again", async (t) => {
	const cloud = await cloudWithProduct(t);
	const url = await timeServer(t, "Thu, 01 Jan 1970 00:00:00 GMT");
	let syncs = 0;
	let isRight = false;
	const board = startTestBoard(
		{ ...cloud.configuration, httpTimeServer: url },
		{
			application: closeSession,
			ports: ({ clock, http }) => ({
				clock: {
					...clock,
					async sync(_, force) {
						if (!force) return;
						isRight = ++syncs === 4;
						if (!isRight) throw new Failure("clock", "clock-unknown", "retry", { names: ["a"] });
					},
				},
				http: {
					async request(request, deadline) {
						if (request.endpoint.secure && !isRight)
							throw new Failure("register", "certificate-expired", "needs-attention");
						return http.request(request, deadline);
					},
				},
			}),
		},
	);
	await board.ended;
	t.is(syncs, 4);
	t.true(board.events.every((event) => event.event !== "failed" || event.code === "certificate-expired"));
});

test("a certificate expired by a wrong clock only does not need attention", async (t) => {
	const cloud = await cloudWithProduct(t);
	let wrong = true;
	const board = startTestBoard(cloud.configuration, {
		application: closeSession,
		ports: ({ clock, http }) => ({
			clock: {
				...clock,
				async sync(_, force) {
					if (force) wrong = false;
				},
			},
			http: {
				async request(request, deadline) {
					if (wrong) throw new Failure("register", "certificate-expired", "needs-attention", { said: "expired" });
					return http.request(request, deadline);
				},
			},
		}),
	});
	await board.ended;
	const failure = board.events.find(failed("certificate-expired")) as { retryIn?: number };
	t.true((failure.retryIn as number) <= 10, `next try in ${failure.retryIn} s`);
});

test("a certificate that is old by every clock is a person's business", async (t) => {
	const cloud = await cloudWithProduct(t);
	const board = startTestBoard(cloud.configuration, {
		onSleep: (number, it) => number === 4 && it.off(),
		ports: ({ clock }) => ({
			clock: { ...clock, async sync() {} },
			http: {
				request: () =>
					Promise.reject(new Failure("register", "certificate-expired", "needs-attention", { said: "expired" })),
			},
		}),
	});
	await board.until((event) => event.event === "failed" && board.sleeps.length === 3);
	const delays = board.events.flatMap((event) => (event.event === "failed" ? [event.retryIn as number] : []));
	t.true((delays[0] as number) <= 10);
	t.true(delays.length > 1);
	for (const delay of delays.slice(1)) t.true(delay >= 270);
	board.off();
});

test("after a failure that a wrong clock looks like, the clock is asked for again", async (t) => {
	const cloud = await cloudWithProduct(t);
	const doubts: (boolean | undefined)[] = [];
	let wrong = true;
	const board = startTestBoard(cloud.configuration, {
		application: closeSession,
		ports: ({ clock }) => ({
			clock: {
				...clock,
				now: () => (clock.now() as number) + (wrong ? 86_400_000 : 0),
				async sync(deadline, force) {
					doubts.push(force);
					if (force) wrong = false;
					await clock.sync(deadline, force);
				},
			},
		}),
	});
	await board.ended;
	t.truthy(board.events.find(failed("bad-timestamp")));
	t.deepEqual(doubts, [false, true]);
});

test("invariant 6: a refused fresh credential is replaced at once", async (t) => {
	const cloud = await cloudWithProduct(t);
	const flash = new InMemoryFlash(4000);
	vaultOf(flash).commit(key("AAECAwQFBgcICQoLDA0ODw=="));
	cloud.administration.putDevice("tencent", product, device);
	const board = startTestBoard(cloud.configuration, { flash, application: closeSession });
	await board.ended;
	t.deepEqual(cloud.requests(), ["connect refused", "register/v2 accepted", "connect accepted"]);
});

test("invariant 10: another device name registers and keeps the first credential", async (t) => {
	const cloud = await cloudWithProduct(t);
	const flash = new InMemoryFlash(4000);
	for (const deviceName of [device, "board-2", device])
		await startTestBoard({ ...cloud.configuration, deviceName }, { flash, application: closeSession }).ended;
	t.deepEqual(cloud.requests(), [
		"register/v2 accepted",
		"connect accepted",
		"register/v2 accepted",
		"connect accepted",
		"connect accepted",
	]);
});

test("a flash that cannot note the acceptance is reported, and the board stays online", async (t) => {
	const cloud = await cloudWithProduct(t);
	const flash = new InMemoryFlash(4000);
	const set = flash.set.bind(flash);
	let writes = 0;
	flash.set = (name, value) => {
		if (++writes === 2) throw new Failure("store", "storage-failed", "retry", { said: "worn out" });
		set(name, value);
	};
	const board = startTestBoard(cloud.configuration, { flash, application: closeSession });
	await board.ended;
	t.deepEqual(names(board.events).slice(-2), ["failed", "online"]);
	t.is((board.events.find(failed("storage-failed")) as { retryIn?: number }).retryIn, undefined);
	t.like(vaultOf(flash).load(), { active: false });
});

test("a flash that cannot note a refusal is reported, and the board tries again", async (t) => {
	const cloud = await cloudWithProduct(t);
	const flash = new InMemoryFlash(4000);
	await startTestBoard(cloud.configuration, { flash, application: closeSession }).ended;
	cloud.administration.deleteDevice("tencent", product, device);
	cloud.administration.clearRequests();
	const set = flash.set.bind(flash);
	let writes = 0;
	flash.set = (name, value) => {
		if (++writes === 1) throw new Failure("store", "storage-failed", "retry", { said: "worn out" });
		set(name, value);
	};
	const board = startTestBoard(cloud.configuration, { flash, application: closeSession });
	await board.ended;
	const unnoted = board.events.find(failed("storage-failed")) as { retryIn?: number };
	t.true((unnoted.retryIn as number) >= 5);
	// The one that was not noted does not count among the ten.
	t.deepEqual(cloud.requests(), [...Array(11).fill("connect refused"), "register/v2 accepted", "connect accepted"]);
});

test("an application that throws is reported, and its session goes on", async (t) => {
	const cloud = await cloudWithProduct(t);
	const board = startTestBoard(cloud.configuration, {
		application: () => {
			throw new TypeError(`no ${productSecret} here`);
		},
	});
	const event = await board.until(failed("unexpected"));
	t.is(sentenceOf(event), "Unexpected error: TypeError: no [secret] here");
	t.like(event, { action: "retry" });
	t.true(cloud.administration.device("tencent", product, device).connected);
	board.off();
});

test("a defect anywhere on the way is reported, and the board goes on", async (t) => {
	const cloud = await cloudWithProduct(t);
	let attempts = 0;
	const board = startTestBoard(cloud.configuration, {
		application: closeSession,
		ports: ({ network }) => ({
			network: {
				...network,
				async up(deadline) {
					if (++attempts === 1) throw new RangeError("out of something");
					return network.up(deadline);
				},
			},
		}),
	});
	await board.ended;
	t.like(board.events[1], { event: "failed", code: "unexpected" });
	t.is(sentenceOf(board.events[1]), "Unexpected error: RangeError: out of something");
});

test("a refusal that is not about the credential is not counted against it", async (t) => {
	const cloud = await cloudWithProduct(t);
	const flash = new InMemoryFlash(4000);
	let attempts = 0;
	const board = startTestBoard(cloud.configuration, {
		flash,
		application: closeSession,
		ports: ({ mqtt }) => ({
			mqtt: {
				connect(options, events, deadline) {
					if (++attempts === 1)
						return Promise.reject(new Failure("connect", "mqtt-refused", "retry", { connackCode: 3 }));
					if (attempts === 2) return Promise.reject(new Error("odd"));
					return mqtt.connect(options, events, deadline);
				},
			},
		}),
	});
	await board.ended;
	t.truthy(board.events.find(failed("broker-unavailable")));
	t.truthy(board.events.find(failed("unexpected")));
	t.is(cloud.requests().filter((request) => request.startsWith("register")).length, 1);
});

test("an invalid configuration is one event, and nothing is attempted", async (t) => {
	const cloud = await cloudWithProduct(t);
	for (const [change, values] of [
		[{ productId: "" }, { key: "productId", reason: "missing" }],
		[{ cloud: "nimbus" }, { key: "cloud", reason: "invalid", value: '"nimbus"' }],
		[{ httpTimeServer: "https://x" }, { key: "httpTimeServer", reason: "invalid", value: '"https://x"' }],
		[{ startupJitter: -1 }, { key: "startupJitter", reason: "invalid", value: "-1" }],
	] as const) {
		const board = startTestBoard({ ...cloud.configuration, ...change });
		const message = ["bad-configuration", ...Object.values(values)].join(" ");
		await t.throwsAsync(board.ended, { instanceOf: Failure, message });
		t.deepEqual(board.events, [
			{ event: "failed", phase: "configuration", code: "bad-configuration", action: "needs-attention", ...values },
		]);
	}
	t.deepEqual(cloud.requests(), []);
});

test("the event of an invalid configuration names the factory partition", async (t) => {
	const image = { ssid: "a network" };
	for (const [contents, note] of [
		[{ state: "read", values: { productId: "FACTORY001", region: "mars" } }, "fctry value"],
		[{ state: "absent" }, "fctry absent"],
	] as const) {
		const board = startTestBoard(applyFactoryPartition(image, contents));
		await t.throwsAsync(board.ended, { instanceOf: Failure });
		t.like(board.events[0], { event: "failed", code: "bad-configuration", factory: note });
	}
});

test("a defect while the configuration is read is said, too", async (t) => {
	const board = startTestBoard(
		{},
		{
			ports: ({ network }) => ({
				network: {
					...network,
					mac() {
						throw new RangeError("out of something");
					},
				},
			}),
		},
	);
	await t.throwsAsync(board.ended, { instanceOf: RangeError });
	t.like(board.events, [{ event: "failed", code: "unexpected" }]);
	t.is(sentenceOf(board.events[0]), "Unexpected error: RangeError: out of something");
});

test("once online, the board says hello, logs commands and takes the platform's time", async (t) => {
	const cloud = await cloudWithProduct(t);
	const { administration } = cloud;
	let clockSet: number | undefined;
	const board = startTestBoard(cloud.configuration, {
		ports: ({ clock }) => ({
			clock: {
				...clock,
				set: (now) => {
					clockSet = now;
				},
			},
		}),
	});
	const clock = (await board.until(({ event }) => event === "clock")) as Extract<BoardEvent, { event: "clock" }>;
	t.true(Math.abs(clock.now - Date.now()) < 2000);
	t.is(clockSet, clock.now);
	administration.sendMessage("tencent", product, device, `switch on ${productSecret}`);
	t.like(await board.until(({ event }) => event === "message"), {
		topic: `${product}/${device}/control`,
		payload: "switch on [secret]",
	});
	const hello = administration
		.requests()
		.find(({ operation, reason }) => operation === "publish" && reason.includes("/event"));
	t.is(hello?.verdict, "accepted");
	board.off();
});

/** A session whose port does as the test says. */
async function sessionOver(
	t: ExecutionContext,
	act: (events: MqttEvents, session: Session) => Promise<void>,
	early?: (events: MqttEvents) => void,
	clockSet?: (now: number) => void,
) {
	const cloud = await cloudWithProduct(t);
	let events: MqttEvents | undefined;
	let over: Promise<void> | undefined;
	const board = startTestBoard(cloud.configuration, {
		onSleep: (number, it) => number === 2 && it.off(),
		ports: ({ mqtt, clock }) => ({
			...(clockSet === undefined ? {} : { clock: { ...clock, set: clockSet } }),
			mqtt: {
				async connect(options, given, deadline): Promise<MqttConnection> {
					events = given;
					const connection = await mqtt.connect(options, given, deadline);
					early?.(given);
					return connection;
				},
			},
		}),
		application: (session) => {
			over = act(events as MqttEvents, session).finally(() => session.close());
			return over;
		},
	});
	await Promise.race([board.ended, board.until(({ event }) => event === "offline")]);
	await over;
	board.off();
	return board;
}

test("messages keep their order; above sixteen the oldest is dropped", async (t) => {
	const topics: (string | undefined)[] = [];
	const receive = async (session: Session) => topics.push((await session.receive())?.topic);
	await sessionOver(t, async (events, session) => {
		for (let i = 0; i < 18; i++) events.message(`${i}`, new Uint8Array(0));
		for (let i = 0; i < 16; i++) await receive(session);
		const waiting = receive(session);
		events.message("at last", new Uint8Array(0));
		await waiting;
	});
	t.deepEqual(topics, [...Array(16).keys()].map((i) => `${i + 2}`).concat("at last"));
});

test("large messages that wait give way by their bytes, the newest never", async (t) => {
	const sizes: (number | undefined)[] = [];
	await sessionOver(t, async (events, session) => {
		for (const size of [1500, 1500, 100, 9000]) events.message("large", new Uint8Array(size));
		for (let i = 0; i < 3; i++) sizes.push((await session.receive())?.payload.length);
	});
	t.deepEqual(sizes, [1500, 100, 9000]);
});

test("two waiting receivers get one message each and end with the session", async (t) => {
	await sessionOver(t, async (events, session) => {
		const one = session.receive();
		const two = session.receive();
		events.message("first", new Uint8Array(0));
		events.message("second", new Uint8Array(0));
		t.deepEqual([(await one)?.topic, (await two)?.topic], ["first", "second"]);
		const three = session.receive();
		const four = session.receive();
		events.closed(new Failure("session", "connection-lost", "retry", { said: "cut" }));
		t.deepEqual(await Promise.all([three, four]), [undefined, undefined]);
	});
});

test("an application that closes a session which has dropped stays offline, too", async (t) => {
	for (const late of [false, true]) {
		const cloud = await cloudWithProduct(t);
		let close = () => {};
		const board = startTestBoard(cloud.configuration, {
			onSleep: (number) => late && number === 2 && close(),
			application: async (session) => {
				cloud.administration.disconnectDevice("tencent", product, device);
				await session.receive();
				close = () => session.close();
				if (!late) close();
			},
		});
		await board.ended;
		t.is(cloud.requests().filter((request) => request === "connect accepted").length, 1);
	}
});

test("a session that ends lets its reader go, after what had arrived before", async (t) => {
	const received: (string | undefined)[] = [];
	await sessionOver(t, async (events, session) => {
		for (const topic of ["first", "second"]) events.message(topic, new Uint8Array(0));
		events.closed(new Failure("session", "connection-lost", "retry", { said: "cut" }));
		for (let count = 0; count < 3; count++) received.push((await session.receive())?.topic);
		for (const use of [() => session.publish("a", "b"), () => session.subscribe("a")])
			t.like(await t.throwsAsync<Failure>(use, { instanceOf: Failure }), {
				phase: "session",
				code: "connection-lost",
				action: "retry",
			});
	});
	t.deepEqual(received, ["first", "second", undefined]);
});

test("a connection that is gone before the board could use it counts as dropped", async (t) => {
	const board = await sessionOver(
		t,
		async () => {},
		(events) => events.closed(new Failure("session", "connection-lost", "retry", { said: "cut at once" })),
	);
	t.like(board.events.at(-1), { event: "offline", code: "connection-lost" });
});

test("the platform's two stamps and the board's own waiting give the time now", async (t) => {
	const cloud = await cloudWithProduct(t);
	const set: number[] = [];
	let ticks = 1000;
	const board = startTestBoard(cloud.configuration, {
		ports: ({ clock, mqtt }) => ({
			clock: { ...clock, ticks: () => ticks, set: (now) => set.push(now) },
			mqtt: {
				async connect(options, events, deadline) {
					const connection = await mqtt.connect(options, { ...events, message() {} }, deadline);
					const answer = '{"type":"get","ntptime1":1821562342773,"ntptime2":1821562342775}';
					return {
						...connection,
						close: () => connection.close(),
						subscribe: async () => 0,
						async publish(topic) {
							if (!topic.startsWith("$sys/")) return;
							ticks += 100;
							events.message(`$sys/operation/result/${product}/${device}`, crypto.utf8(answer));
						},
					};
				},
			},
		}),
	});
	await board.until(({ event }) => event === "clock");
	t.deepEqual(set, [1821562342824]);
	board.off();
});

test("an invalid time response or time is ignored", async (t) => {
	const set: number[] = [];
	await sessionOver(
		t,
		async (events, session) => {
			const topic = `$sys/operation/result/${product}/${device}`;
			while (set.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
			events.message(topic, Uint8Array.of(0xff));
			for (const answer of ["{}", '{"ntptime1":0,"ntptime2":0}', '{"ntptime1":1e300,"ntptime2":1e300}'])
				events.message(topic, crypto.utf8(answer));
			events.message("after", new Uint8Array(0));
			t.is((await session.receive())?.topic, "after");
		},
		undefined,
		(now) => set.push(now),
	);
	t.is(set.length, 1);
});

test("what is not text is logged by its length", async (t) => {
	const cloud = await cloudWithProduct(t);
	let events: MqttEvents | undefined;
	const board = startTestBoard(cloud.configuration, {
		ports: ({ mqtt }) => ({
			mqtt: {
				connect(options, given, deadline) {
					events = given;
					return mqtt.connect(options, given, deadline);
				},
			},
		}),
	});
	await board.until(online);
	events?.message("binary", Uint8Array.of(1, 0xff, 3));
	t.like(await board.until(({ event }) => event === "message"), { topic: "binary", payload: "3 bytes" });
	cloud.administration.disconnectDevice("tencent", product, device);
	t.like(await board.until(({ event }) => event === "offline"), { phase: "session", code: "connection-lost" });
	board.off();
});

/** What a person is told of it. */
function sentenceOf(event: BoardEvent | undefined): string | undefined {
	return event && (withMessage(event) as FailureReport).message;
}

/** Reports what becomes of connections that are opened ahead. */
const watchAhead =
	(steps: string[]) =>
	({ mqtt, http }: Host): Partial<Host> => ({
		http: {
			request(request, deadline) {
				steps.push("request");
				return http.request(request, deadline);
			},
		},
		mqtt: {
			connect(options, events, deadline) {
				steps.push("connect");
				return mqtt.connect(options, events, deadline);
			},
			open(endpoint, deadline) {
				steps.push(`open ${endpoint.port}`);
				const discard = mqtt.open?.(endpoint, deadline);
				return () => {
					steps.push("discard");
					discard?.();
				};
			},
		},
	});

test("while a board registers, the connection to the broker is opened, and the session takes it", async (t) => {
	const cloud = await cloudWithProduct(t);
	const flash = new InMemoryFlash(4000);
	const steps: string[] = [];
	const first = startTestBoard(cloud.configuration, { flash, application: closeSession, ports: watchAhead(steps) });
	await first.ended;
	const { port } = new URL(cloud.urls.mqtts);
	t.deepEqual(steps, ["request", `open ${port}`, "connect"]);
	t.is(first.timersLeft, 0);

	steps.length = 0;
	await startTestBoard(cloud.configuration, { flash, application: closeSession, ports: watchAhead(steps) }).ended;
	t.deepEqual(steps, ["connect"], "with a credential in flash");
});

test("where registration fails, the connection to the broker is closed at once", async (t) => {
	const cloud = await cloudWithProduct(t, "off");
	const steps: string[] = [];
	const board = startTestBoard(cloud.configuration, {
		ports: watchAhead(steps),
		onEvent: ({ event }) => event === "failed" && steps.push(event),
	});
	await board.until(() => steps.length >= 8);
	board.off();
	const attempt = ["request", `open ${new URL(cloud.urls.mqtts).port}`, "discard", "failed"];
	t.deepEqual(steps.slice(0, 8), [...attempt, ...attempt]);
});

test("no connection is opened ahead for a certificate, which TLS needs", async (t) => {
	const cloud = await cloudWithProduct(t);
	cloud.administration.putProduct("tencent", product, {
		secret: productSecret,
		registration: "automatic",
		auth: "certificate",
	});
	const steps: string[] = [];
	await startTestBoard(
		{ ...cloud.configuration, auth: "certificate" },
		{ application: closeSession, ports: watchAhead(steps) },
	).ended;
	t.deepEqual(steps, ["request", "connect"]);
});
