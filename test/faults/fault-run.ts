import assert from "node:assert/strict";
import { join } from "node:path";
import { type Cloud, startCloud } from "@dynreg/cloud";
import { crypto } from "@dynreg/node/internal/crypto";
import { createStorage } from "@dynreg/node/internal/storage";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { openVault } from "dynreg/credential-store/vault";
import { type BoardHost, realTimeHost, slowerHost } from "../support/board-hosts.js";
import { reservedPorts } from "../support/reserved-ports.js";
import { TestBoard } from "../support/test-board.js";
import type { ExpectedFailure, FaultCase } from "./fault-cases.js";
import { identity, prepareCloud, type RegistrationFlow, registrationFlows, sendCommand } from "./flows.js";

/** The result of one case. */
export interface FaultRunResult {
	/** Counted by the cloud. */
	readonly triggered: number;
	readonly online: number;
	readonly registrations: number;
}

/** Seconds by which two moments that this process has noted may be off. */
const slack = 0.7;

const registrationSteps = ["boot", "registering", "registered", "stored"];
const connectSteps = ["connecting", "online"];

/** Plays one case: a cloud of its own, and one board that meets the fault and gets over it. */
export async function runFaultCase(host: BoardHost, one: FaultCase, folder: string): Promise<FaultRunResult> {
	const ports = "restart" in one.fault ? reservedPorts() : {};
	// Name servers know no board time.
	const timed = "unknownName" in one.fault ? realTimeHost(host) : host;
	// Two handshakes with client certificates.
	const place = one.flow === "claim" ? slowerHost(timed) : timed;
	const cloud = await startCloud({ ports, timeScale: place.time });
	const configuration = await prepareCloud(cloud, registrationFlows[one.flow]);
	const run = new FaultRun(place, one, cloud, join(folder, "flash"), configuration);
	try {
		return await run.run();
	} finally {
		run.switchOff();
		await cloud.close();
	}
}

class FaultRun {
	readonly #host: BoardHost;
	readonly #case: FaultCase;
	readonly #cloud: Cloud;
	readonly #store: string;
	readonly #configuration: RawConfiguration;
	readonly #boards: TestBoard[] = [];

	constructor(host: BoardHost, one: FaultCase, cloud: Cloud, store: string, configuration: RawConfiguration) {
		this.#host = host;
		this.#case = one;
		this.#cloud = cloud;
		this.#store = store;
		this.#configuration = configuration;
	}

	get #flow(): RegistrationFlow {
		return registrationFlows[this.#case.flow];
	}

	async run(): Promise<FaultRunResult> {
		const { moment, fault, expectedFailure, times, registrations } = this.#case;
		if (moment === "connecting") {
			await (await this.#switchOn()).event("online");
			this.switchOff();
		}
		const before = this.#count("connect");

		if ("fault" in fault) this.#cloud.administration.setFaults([fault]);
		const restarting = "restart" in fault && moment !== "online" ? this.#restart(fault.restart) : undefined;
		const board = await this.#switchOn(
			"unknownName" in fault ? withUnknownName(this.#configuration, fault.unknownName) : this.#configuration,
		);
		if ("restart" in fault && moment === "online") {
			await board.event("online");
			await this.#restart(fault.restart);
		}
		if (expectedFailure) await this.#checkRecovery(board, expectedFailure);
		else {
			await board.event("online");
			if (moment === "online") {
				await this.#triggered();
				await sendCommand(this.#cloud, registrationFlows[this.#case.flow]);
				await board.event("message");
			}
			assert.deepEqual(
				board.steps().filter((event) => event !== "message"),
				[...registrationSteps, ...connectSteps],
			);
		}
		await restarting;

		const triggered = this.#cloud.administration.faults().reduce((sum, { triggered = 0 }) => sum + triggered, 0);
		assert.equal(triggered, "fault" in fault ? times : 0, "as often as it was asked for");
		const { lastOperation = "register" } = this.#flow;
		assert.equal(this.#count(lastOperation), registrations, `registrations:\n${board}`);
		return { triggered, online: this.#count("connect") - before, registrations };
	}

	switchOff(): void {
		for (const board of this.#boards.splice(0)) board.powerOff();
	}

	async #switchOn(configuration = this.#configuration): Promise<TestBoard> {
		const board = await TestBoard.start(this.#host, { configuration, store: this.#store });
		this.#boards.push(board);
		return board;
	}

	/** The fault has been triggered as often as it is to be. */
	async #triggered(): Promise<void> {
		const end = Date.now() + 60_000;
		while (this.#cloud.administration.faults().some(({ count = 0 }) => count > 0) && Date.now() < end)
			await new Promise((resolve) => setTimeout(resolve, 10));
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
	async #checkRecovery(board: TestBoard, expected: ExpectedFailure): Promise<void> {
		const { moment, fault, times, timeout } = this.#case;
		const failureEvent = moment === "online" ? "offline" : "failed";
		const { proposes } = this.#flow;
		const isRefusedThen = proposes && moment === "registering" && !this.#case.carriedOut;
		let last = { index: -1, at: 0 };
		let retryIn = 0;
		for (let nth = 1; nth <= times; nth++) {
			const entry = await board.entry(failureEvent, { after: last.index + 1, seconds: timeout + retryIn });
			const { phase, code, action } = entry.event;
			assert.equal(
				`${phase} ${code} ${action}`,
				`${expected.phase} ${expected.code} ${expected.action}`,
				String(board),
			);
			retryIn = entry.event.retryIn ?? 0;
			checkWait(retryIn, expected, isRefusedThen ? 2 * nth - 1 : nth);
			this.#checkFlash(expected);
			last = entry;
			if (!isRefusedThen) continue;
			// The broker does not know what the device has proposed.
			const refused = await board.entry("failed", { after: last.index + 1, seconds: retryIn });
			assert.equal(`${refused.event.phase} ${refused.event.code}`, "connect credential-refused", String(board));
			retryIn = refused.event.retryIn ?? 0;
			last = refused;
		}
		if (expected.action === "needs-attention" || "unknownName" in fault) {
			// Nobody waits for five minutes, and a configuration is read once: the power goes and comes.
			this.switchOff();
			checkSteps(board, this.#case, expected, times, false);
			await (await this.#switchOn()).event("online");
			return;
		}
		await board.entry("online", { after: last.index, seconds: retryIn });
		// In between, the application may report what the lost session took with it.
		const next = board.log.entries.find(
			({ index, event }) => index > last.index && (event.event === "connecting" || event.event === "registering"),
		);
		const waited = ((next?.at ?? 0) - last.at) / 1000;
		assert.ok(waited >= retryIn - slack, `it came back too soon:\n${board}`);
		// While a server is gone, nobody counts who comes.
		const met = "restart" in fault ? board.steps().filter((step) => step === failureEvent).length : times;
		checkSteps(board, this.#case, expected, met, true);
	}

	/** Right after a failure: nothing bad is in flash, and nothing good is lost (invariants 4 and 6). */
	#checkFlash(expected: ExpectedFailure): void {
		if (this.#host.flash !== "file") return;
		const record = openVault(createStorage(this.#store), crypto, identity(registrationFlows[this.#case.flow])).load();
		if (this.#case.moment !== "registering") assert.ok(record?.active, "the credential that was good is there");
		else if (expected.phase === "register" && !this.#flow.proposes)
			assert.equal(record, undefined, "nothing is stored");
		else assert.equal(record?.active, false, "what the broker has not accepted is fresh");
	}
}

/** What it went through. After a bad answer it registers again, and never once it has a credential that counts (invariant 1). */
function checkSteps(
	board: TestBoard,
	{ moment, flow, carriedOut }: FaultCase,
	expected: ExpectedFailure,
	times: number,
	continues: boolean,
): void {
	const { proposes }: RegistrationFlow = registrationFlows[flow];
	const again = (...steps: string[]): string[] => Array.from({ length: times }, () => steps).flat();
	const [boot, ...register] = registrationSteps;
	const steps = {
		online: [...registrationSteps, ...connectSteps, ...again("offline", ...connectSteps)],
		connecting: [boot, ...again("connecting", "failed"), ...(continues ? connectSteps : [])],
		registering:
			expected.phase === "connect"
				? [...registrationSteps, "connecting", "failed", ...register, ...connectSteps]
				: proposes
					? [
							boot,
							...again("registering", "failed", ...(carriedOut ? [] : ["connecting", "failed"])),
							...(carriedOut ? [] : register),
							...connectSteps,
						]
					: [boot, ...again("registering", "failed"), ...(continues ? [...register, ...connectSteps] : [])],
	};
	assert.deepEqual(board.steps(), steps[moment], String(board));
}

/** Invariant 7: what chance adds to a server's patience is as wide as that, or as without it. */
function checkWait(retryIn: number, { action, retryAfter = 0 }: ExpectedFailure, nth: number): void {
	const [least, most] =
		action === "needs-attention" ? ([270, 300] as const) : ([5, Math.max(5 * 2 ** nth, 5 + retryAfter)] as const);
	assert.ok(
		retryIn >= least + retryAfter && retryIn <= most + retryAfter,
		`after failure ${nth} it waits ${retryIn} s, expected ${least + retryAfter} to ${most + retryAfter}`,
	);
}

/** RFC 6761: `.invalid` never resolves. */
function withUnknownName(configuration: RawConfiguration, at: "register" | "mqtt"): RawConfiguration {
	const scheme = at === "register" ? "https" : "mqtts";
	const endpoints = { ...(configuration.endpoints as object), [at]: `${scheme}://nowhere.invalid:8883` };
	return { ...configuration, endpoints };
}
