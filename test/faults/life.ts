import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Cloud, type Entry, startCloud } from "@dynreg/cloud";
import type { Board } from "@dynreg/node/internal/board";
import { crypto } from "@dynreg/node/internal/crypto";
import { createStorage } from "@dynreg/node/internal/storage";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { openVault } from "dynreg/credential-store/vault";
import { keptPorts } from "../kept-ports.js";
import type { Case, Complaint } from "./cases.js";
import { flows, identity, prepare } from "./flows.js";
import type { Place } from "./place.js";
import { Watched } from "./watched.js";

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
export async function live(place: Place, one: Case, folder: string): Promise<Outcome> {
	const journal: Entry[] = [];
	const ports = "restart" in one.what ? keptPorts() : {};
	const cloud = await startCloud({ ports, onRequest: (entry) => journal.push(entry) });
	const store = join(folder, "flash");
	if (place.flash === "folder") await mkdir(store);
	const life = new Life(place, one, cloud, journal, store);
	try {
		return await life.run();
	} finally {
		life.switchOff();
		await cloud.close();
	}
}

class Life {
	readonly #place: Place;
	readonly #case: Case;
	readonly #cloud: Cloud;
	readonly #journal: readonly Entry[];
	readonly #store: string;
	readonly #configuration: RawConfiguration;
	readonly #boards: Board[] = [];

	constructor(place: Place, one: Case, cloud: Cloud, journal: readonly Entry[], store: string) {
		this.#place = place;
		this.#case = one;
		this.#cloud = cloud;
		this.#journal = journal;
		this.#store = store;
		this.#configuration = prepare(cloud, flows[one.flow]);
	}

	async run(): Promise<Outcome> {
		const { story, what, says, times, registrations } = this.#case;
		if (story === "connecting") {
			await (await this.#switchOn()).next("online", 0, this.#place.patience);
			this.switchOff();
		}
		const before = this.#count("connect");

		if ("fault" in what) this.#cloud.administration.setFaults([what]);
		const restarting = "restart" in what && story !== "online" ? this.#restart(what.restart) : undefined;
		const told = await this.#switchOn(
			"unknownName" in what ? withUnknownName(this.#configuration, what.unknownName) : this.#configuration,
		);
		if ("restart" in what && story === "online") {
			await told.next("online", 0, this.#place.patience);
			await this.#restart(what.restart);
		}
		if (says) await this.#getOver(told, says);
		else {
			await told.next("online", 0, this.#place.patience);
			assert.deepEqual(told.steps(), [...registers, ...connects]);
		}
		await restarting;

		const strikes = this.#cloud.administration.faults().reduce((sum, { struck = 0 }) => sum + struck, 0);
		assert.equal(strikes, "fault" in what ? times : 0, "as often as it was asked for");
		assert.equal(this.#count("register"), registrations, `registrations:\n${told}`);
		return { strikes, online: this.#count("connect") - before, registrations };
	}

	switchOff(): void {
		for (const board of this.#boards.splice(0)) board.kill();
	}

	async #switchOn(configuration = this.#configuration): Promise<Watched> {
		const told = new Watched();
		this.#boards.push(await this.#place.start({ configuration, store: this.#store, onEvent: told.onEvent }));
		return told;
	}

	#restart(seconds: number): Promise<void> {
		return this.#cloud.administration.restart(seconds);
	}

	/** How many of these the cloud has accepted. */
	#count(operation: string): number {
		return this.#journal.filter((entry) => entry.verdict === "accepted" && entry.operation.startsWith(operation))
			.length;
	}

	/** The board complains so often, and comes back by itself: not too soon, and with what it should have. */
	async #getOver(told: Watched, says: Complaint): Promise<void> {
		const { story, what, times, patience } = this.#case;
		const complaint = story === "online" ? "offline" : "failed";
		let last = -1;
		let retryIn = 0;
		for (let nth = 1; nth <= times; nth++) {
			const { index, event } = await told.next(complaint, last + 1, this.#place.patience + patience + 20);
			const { phase, code, action } = event;
			assert.equal(`${phase} ${code} ${action}`, `${says.phase} ${says.code} ${says.action}`, String(told));
			retryIn = event.retryIn ?? 0;
			checkWait(retryIn, says, nth);
			this.#checkFlash(says);
			last = index;
		}
		if (says.action === "stop" || "unknownName" in what) {
			// Nobody waits for five minutes, and a configuration is read once: the power goes and comes.
			this.switchOff();
			checkSteps(told, story, says, times, false);
			await (await this.#switchOn()).next("online", 0, this.#place.patience);
			return;
		}
		await told.next("online", last, retryIn + this.#place.patience);
		const next = told.told.findIndex(({ event }, index) => index > last && event.event !== "clock");
		assert.ok(told.between(last, next) >= retryIn - slack, `it came back too soon:\n${told}`);
		// While a server is gone, nobody counts who comes.
		const met = "restart" in what ? told.steps().filter((step) => step === complaint).length : times;
		checkSteps(told, story, says, met, true);
	}

	/** Right after a failure: nothing bad is in flash, and nothing good is lost (invariants 4 and 6). */
	#checkFlash(says: Complaint): void {
		if (this.#place.flash !== "file") return;
		const record = openVault(createStorage(this.#store), crypto, identity(flows[this.#case.flow])).load();
		if (this.#case.story !== "registering") assert.ok(record?.active, "the credential that was good is there");
		else if (says.phase === "register") assert.equal(record, undefined, "nothing is stored");
		else assert.equal(record?.active, false, "what the broker has not accepted is fresh");
	}
}

/** What it went through. After a bad answer it registers again, and never once it has a credential that counts (invariant 1). */
function checkSteps(told: Watched, story: Case["story"], says: Complaint, times: number, goesOn: boolean): void {
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
	assert.deepEqual(told.steps(), expected[story], String(told));
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
