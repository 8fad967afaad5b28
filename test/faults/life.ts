import assert from "node:assert/strict";
import { join } from "node:path";
import { type Cloud, startCloud } from "@dynreg/cloud";
import { crypto } from "@dynreg/node/internal/crypto";
import { createStorage } from "@dynreg/node/internal/storage";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { openVault } from "dynreg/credential-store/vault";
import { type BoardHost, unscaled } from "../support/board-hosts.js";
import { keptPorts } from "../support/kept-ports.js";
import { TestBoard } from "../support/test-board.js";
import type { Case, Complaint } from "./cases.js";
import { flows, identity, prepare } from "./flows.js";

/** What came of one case. */
export interface Outcome {
	/** Counted by the cloud. */
	readonly strikes: number;
	readonly online: number;
	readonly registrations: number;
}

/** Seconds by which two moments that this process has noted may be off. */
const slack = 0.7;

const registers = ["boot", "registering", "registered", "stored"];
const connects = ["connecting", "online"];

/** Plays one case: a cloud of its own, and one board that meets the fault and gets over it. */
export async function live(host: BoardHost, one: Case, folder: string): Promise<Outcome> {
	const ports = "restart" in one.what ? keptPorts() : {};
	// Name servers know no board time.
	const place = "unknownName" in one.what ? unscaled(host) : host;
	const cloud = await startCloud({ ports, timeScale: place.time });
	const life = new Life(place, one, cloud, join(folder, "flash"));
	try {
		return await life.run();
	} finally {
		life.switchOff();
		await cloud.close();
	}
}

class Life {
	readonly #host: BoardHost;
	readonly #case: Case;
	readonly #cloud: Cloud;
	readonly #store: string;
	readonly #configuration: RawConfiguration;
	readonly #boards: TestBoard[] = [];

	constructor(host: BoardHost, one: Case, cloud: Cloud, store: string) {
		this.#host = host;
		this.#case = one;
		this.#cloud = cloud;
		this.#store = store;
		this.#configuration = prepare(cloud, flows[one.flow]);
	}

	async run(): Promise<Outcome> {
		const { story, what, says, times, registrations } = this.#case;
		if (story === "connecting") {
			await (await this.#switchOn()).event("online");
			this.switchOff();
		}
		const before = this.#count("connect");

		if ("fault" in what) this.#cloud.administration.setFaults([what]);
		const restarting = "restart" in what && story !== "online" ? this.#restart(what.restart) : undefined;
		const board = await this.#switchOn(
			"unknownName" in what ? withUnknownName(this.#configuration, what.unknownName) : this.#configuration,
		);
		if ("restart" in what && story === "online") {
			await board.event("online");
			await this.#restart(what.restart);
		}
		if (says) await this.#getOver(board, says);
		else {
			await board.event("online");
			assert.deepEqual(board.steps(), [...registers, ...connects]);
		}
		await restarting;

		const strikes = this.#cloud.administration.faults().reduce((sum, { struck = 0 }) => sum + struck, 0);
		assert.equal(strikes, "fault" in what ? times : 0, "as often as it was asked for");
		assert.equal(this.#count("register"), registrations, `registrations:\n${board}`);
		return { strikes, online: this.#count("connect") - before, registrations };
	}

	switchOff(): void {
		for (const board of this.#boards.splice(0)) board.off();
	}

	async #switchOn(configuration = this.#configuration): Promise<TestBoard> {
		const board = await TestBoard.start(this.#host, { configuration, store: this.#store });
		this.#boards.push(board);
		return board;
	}

	#restart(seconds: number): Promise<void> {
		return this.#cloud.administration.restart(seconds);
	}

	/** How many of these the cloud has accepted. */
	#count(operation: string): number {
		return this.#cloud.administration
			.requests()
			.filter((entry) => entry.verdict === "accepted" && entry.operation.startsWith(operation)).length;
	}

	/** The board complains so often, and comes back by itself: not too soon, and with what it should have. */
	async #getOver(board: TestBoard, says: Complaint): Promise<void> {
		const { story, what, times, patience } = this.#case;
		const complaint = story === "online" ? "offline" : "failed";
		let last = { index: -1, at: 0 };
		let retryIn = 0;
		for (let nth = 1; nth <= times; nth++) {
			const entry = await board.entry(complaint, { after: last.index + 1, seconds: patience + retryIn });
			const { phase, code, action } = entry.event;
			assert.equal(`${phase} ${code} ${action}`, `${says.phase} ${says.code} ${says.action}`, String(board));
			retryIn = entry.event.retryIn ?? 0;
			checkWait(retryIn, says, nth);
			this.#checkFlash(says);
			last = entry;
		}
		if (says.action === "stop" || "unknownName" in what) {
			// Nobody waits for five minutes, and a configuration is read once: the power goes and comes.
			this.switchOff();
			checkSteps(board, story, says, times, false);
			await (await this.#switchOn()).event("online");
			return;
		}
		await board.entry("online", { after: last.index, seconds: retryIn });
		const next = board.log.entries.find(({ index, event }) => index > last.index && event.event !== "clock");
		const waited = ((next?.at ?? 0) - last.at) / 1000;
		assert.ok(waited >= retryIn - slack, `it came back too soon:\n${board}`);
		// While a server is gone, nobody counts who comes.
		const met = "restart" in what ? board.steps().filter((step) => step === complaint).length : times;
		checkSteps(board, story, says, met, true);
	}

	/** Right after a failure: nothing bad is in flash, and nothing good is lost (invariants 4 and 6). */
	#checkFlash(says: Complaint): void {
		if (this.#host.flash !== "file") return;
		const record = openVault(createStorage(this.#store), crypto, identity(flows[this.#case.flow])).load();
		if (this.#case.story !== "registering") assert.ok(record?.active, "the credential that was good is there");
		else if (says.phase === "register") assert.equal(record, undefined, "nothing is stored");
		else assert.equal(record?.active, false, "what the broker has not accepted is fresh");
	}
}

/** What it went through. After a bad answer it registers again, and never once it has a credential that counts (invariant 1). */
function checkSteps(board: TestBoard, story: Case["story"], says: Complaint, times: number, goesOn: boolean): void {
	const again = (...steps: string[]): string[] => Array.from({ length: times }, () => steps).flat();
	const [boot, ...register] = registers;
	const expected = {
		online: [...registers, ...connects, ...again("offline", ...connects)],
		connecting: [boot, ...again("connecting", "failed"), ...(goesOn ? connects : [])],
		registering:
			says.phase === "connect"
				? [...registers, "connecting", "failed", ...register, ...connects]
				: [boot, ...again("registering", "failed"), ...(goesOn ? [...register, ...connects] : [])],
	};
	assert.deepEqual(board.steps(), expected[story], String(board));
}

/** Invariant 7: what chance adds to a server's patience is as wide as that, or as without it. */
function checkWait(retryIn: number, { action, retryAfter = 0 }: Complaint, nth: number): void {
	const [least, most] =
		action === "stop" ? ([270, 300] as const) : ([5, Math.max(5 * 2 ** nth, 5 + retryAfter)] as const);
	assert.ok(
		retryIn >= least + retryAfter && retryIn <= most + retryAfter,
		`after failure ${nth} it waits ${retryIn} s, where ${least + retryAfter} to ${most + retryAfter} are due`,
	);
}

/** RFC 6761: `.invalid` never resolves. */
function withUnknownName(configuration: RawConfiguration, at: "register" | "mqtt"): RawConfiguration {
	const scheme = at === "register" ? "https" : "mqtts";
	const endpoints = { ...(configuration.endpoints as object), [at]: `${scheme}://nowhere.invalid:8883` };
	return { ...configuration, endpoints };
}
