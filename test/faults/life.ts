import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Cloud, startCloud } from "../../cloud/cloud.js";
import type { Entry } from "../../cloud/journal.js";
import type { Board } from "../../hosts/node/board.js";
import type { Configuration } from "../../modules/contracts/cloud.js";
import { keptPorts } from "../kept-ports.js";
import type { Case, Complaint } from "./cases.js";
import { flows, prepare } from "./flows.js";
import type { Place } from "./place.js";
import { Story } from "./watched.js";

/** What came of one case. */
export interface Outcome {
	readonly strikes: number;
	readonly online: number;
	readonly registrations: number;
}

/** Seconds by which two moments that this process has noted may be off. */
const slack = 0.7;

/** Plays one case: a cloud of its own, and one board that meets the fault and gets over it. */
export async function live(place: Place, { flow: name, story, what, times, says, ...expected }: Case, folder: string) {
	const flow = flows[name];
	const journal: Entry[] = [];
	const store = join(folder, "flash");
	if (place.flash === "folder") await mkdir(store);
	const restarts = "restart" in what;
	const ports = restarts ? keptPorts() : {};
	const cloud = await startCloud({ ports, onRequest: (entry) => journal.push(entry) });
	const boards: Board[] = [];
	const count = (operation: string, verdict: Entry["verdict"]): number =>
		journal.filter((entry) => entry.operation.startsWith(operation) && entry.verdict === verdict).length;

	async function switchOn(configuration: Configuration): Promise<Story> {
		const told = new Story();
		boards.push(await place.start({ configuration, store, onEvent: told.onEvent }));
		return told;
	}
	function switchOff(): void {
		for (const board of boards.splice(0)) board.kill();
	}

	try {
		const configuration = prepare(cloud, flow);
		const { patience } = place;
		if (story === "connecting") {
			await (await switchOn(configuration)).next("online", 0, patience);
			switchOff();
		}
		const before = { registered: count("register", "accepted"), online: count("connect", "accepted") };

		if ("fault" in what) cloud.administration.setFaults([what]);
		const broken = "unknownName" in what ? withUnknownName(configuration, what.unknownName) : configuration;
		// Those that are online meet it later.
		const restarting = restarts && story !== "online" ? cloud.administration.restart(what.restart) : undefined;
		let told = await switchOn(broken);
		let back = 0;
		if (restarts && story === "online") {
			await told.next("online", 0, patience);
			await cloud.administration.restart(what.restart);
		}
		if (says) {
			const complaints = story === "online" ? "offline" : "failed";
			let from = 0;
			for (let nth = 1; nth <= times; nth++) {
				const { index, event } = await told.next(complaints, from, patience + expected.patience + 20);
				const { phase, code, action, retryIn = 0 } = event;
				assert.equal(`${phase} ${code} ${action}`, `${says.phase} ${says.code} ${says.action}`, String(told));
				checkWait(retryIn, says, nth);
				back = index;
				from = index + 1;
			}
			const { event } = told.told[back] as Story["told"][number];
			const retryIn = "retryIn" in event ? (event.retryIn ?? 0) : 0;
			if (says.action === "stop" || "unknownName" in what) {
				// Nobody waits for five minutes, and a configuration is read once: the power goes and comes.
				switchOff();
				checkSteps(told, story, says, times, false);
				told = await switchOn(configuration);
				await told.next("online", 0, patience);
			} else {
				const { index } = await told.next("online", back, retryIn + patience);
				// `connecting` or `registering`, whatever came first.
				const next = told.told.findIndex(({ event }, at) => at > back && event.event !== "clock");
				assert.ok(told.between(back, next) >= retryIn - slack, `it came back too soon:\n${told}`);
				assert.ok(index > next);
				// While a server is gone, nobody counts who comes.
				const met = restarts ? told.steps().filter((step) => step === complaints).length : times;
				checkSteps(told, story, says, met, true);
			}
		} else {
			await told.next("online", 0, patience);
			assert.deepEqual(told.steps(), [...registers, ...connects]);
		}
		await restarting;

		const strikes = "fault" in what ? struck(cloud) : 1;
		assert.equal(strikes, times, "as often as it was asked for");
		const registrations = count("register", "accepted");
		assert.equal(registrations, expected.registrations, `registrations:\n${told}`);
		if (story !== "registering") assert.equal(registrations, Math.max(before.registered, 1), "none again");
		return { strikes, online: count("connect", "accepted") - before.online, registrations } satisfies Outcome;
	} finally {
		switchOff();
		await cloud.close();
	}
}

const registers = ["boot", "registering", "registered", "stored"];
const connects = ["connecting", "online"];

/** Nothing is stored of what was bad, and what was good before is used again (invariants 1 and 4). */
function checkSteps(told: Story, story: Case["story"], says: Complaint, times: number, goesOn: boolean): void {
	const again = <Step>(steps: Step[]): Step[] => Array.from({ length: times }, () => steps).flat();
	const expected =
		story === "online"
			? [...registers, ...connects, ...again(["offline", ...connects])]
			: story === "connecting"
				? ["boot", ...again(["connecting", "failed"]), ...(goesOn ? connects : [])]
				: says.phase === "connect"
					? [...registers, "connecting", "failed", ...registers.slice(1), ...connects]
					: ["boot", ...again(["registering", "failed"]), ...(goesOn ? [...registers.slice(1), ...connects] : [])];
	assert.deepEqual(told.steps(), expected, String(told));
}

/** Invariant 7. */
function checkWait(retryIn: number, { action, retryAfter = 0 }: Complaint, nth: number): void {
	const [least, most] = action === "stop" ? [270, 300] : [5, 5 * 2 ** nth];
	assert.ok(
		retryIn >= least + retryAfter && retryIn <= most + retryAfter,
		`after failure ${nth} it waits ${retryIn} s, where ${least + retryAfter} to ${most + retryAfter} are due`,
	);
}

function struck({ administration }: Cloud): number {
	return administration.faults().reduce((sum, { struck = 0 }) => sum + struck, 0);
}

/** RFC 6761: `.invalid` never resolves. */
function withUnknownName(configuration: Configuration, at: "register" | "mqtt"): Configuration {
	const scheme = at === "register" ? "https" : "mqtts";
	const endpoints = { ...(configuration.endpoints as object), [at]: `${scheme}://nowhere.invalid:8883` };
	return { ...configuration, endpoints };
}
