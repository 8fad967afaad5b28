/** A board in a world of paper: the real firmware over storage that may be cut, a cloud without sockets, and no waiting. */

import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { Storage } from "dynreg/contracts/host";
import { openVault } from "dynreg/credential-store/vault";
import { type Configuration, start } from "dynreg/start";
import { inMemoryHost, startTime } from "../support/memory-host.js";
import { crypto } from "../support/node-crypto.js";
import { skippedSleeps, VirtualTime, virtualClock } from "../support/virtual-time.js";
import { InMemoryCloud, identityFrom } from "./in-memory-cloud.js";
import { createInvariantChecker } from "./invariant-checker.js";
import type { CutMoment, CuttableStorage } from "./storage.js";

/** Sleeps after which a board that is not online never will be. */
const maxSleeps = 40;

/** A board and its cloud when the power goes, and what must then be in flash. */
export interface PowerCutPoint {
	readonly what: string;
	/** How long that moment lasts, where it is known. */
	readonly milliseconds: number;
	readonly storage: CuttableStorage;
	readonly cloud: string;
	/** Of what is in flash: before the operation that was cut, after it. */
	readonly views: readonly string[];
}

export interface BoardRun {
	readonly online: boolean;
	/** Invariants that did not hold, in words. */
	readonly violations: readonly string[];
	readonly cuts: readonly PowerCutPoint[];
	/** How often what is in flash of the watched identities changed, if the cuts were recorded. */
	readonly changes: number;
	readonly cloud: string;
}

export interface BoardRunOptions {
	/** Look at all the moments at which the power might go. */
	readonly cuts?: boolean;
	/** Half of the first answer to a registration is lost. */
	readonly torn?: boolean;
	/** Identities whose records are checked. */
	readonly watched: readonly string[];
}

/** Switches a board on, until it is online or never will be. The storage is its own from now on. */
export async function runBoard(
	storage: CuttableStorage,
	saved: string,
	configuration: RawConfiguration,
	options: BoardRunOptions,
): Promise<BoardRun> {
	const time = new VirtualTime();
	const clock = virtualClock(time, startTime);
	const cloud = new InMemoryCloud(saved, () => clock.now() as number);
	const wrong = new Set<string>();
	const cuts: PowerCutPoint[] = [];
	let moments: CutMoment[] = [];
	let writes = 0;
	let changes = 0;
	let torn = options.torn ?? false;
	let writesAtTorn: number | undefined;
	if (options.cuts)
		storage.watch = ({ storageAfterCut, ...moment }) => {
			const now = storageAfterCut();
			moments.push({ ...moment, storageAfterCut: () => now });
		};

	const { witness, judged } = createInvariantChecker(storage, cloud, (invariant) => wrong.add(invariant));
	let before = options.cuts ? flashView(storage, options.watched) : "";
	/** One operation, with all the cuts in it. */
	const observed = <T>(operate: () => T): T => {
		if (!options.cuts) return operate();
		moments = [];
		try {
			return operate();
		} finally {
			const after = flashView(storage, options.watched);
			if (after !== before) changes++;
			const views = [before, after];
			before = after;
			for (const { what, milliseconds = 0, storageAfterCut } of moments)
				cuts.push({ what, milliseconds, storage: storageAfterCut(), cloud: cloud.save(), views });
		}
	};
	const watchedStorage: Storage = {
		maxValueBytes: storage.maxValueBytes,
		get: (key) => storage.get(key),
		set(key, value) {
			writes++;
			observed(() => storage.set(key, value));
		},
		delete: (key) => observed(() => storage.delete(key)),
	};

	let sleeps = 0;
	const power = new AbortController();
	const gaveUp = new Promise<false>((resolve) => {
		power.signal.addEventListener("abort", () => resolve(false));
	});
	const host = inMemoryHost(time, {
		clock,
		http: cloud.http(witness, () => {
			const isTorn = torn;
			torn = false;
			if (isTorn) writesAtTorn = writes;
			return isTorn;
		}),
		mqtt: cloud.mqtt(witness),
		storage: watchedStorage,
		timers: skippedSleeps(time, {
			power: power.signal,
			onSleep() {
				if (writesAtTorn !== undefined) judged("4: stores half an answer", () => writes === writesAtTorn);
				writesAtTorn = undefined;
				if (++sleeps > maxSleeps) power.abort();
			},
		}),
	});
	const finished = start(host, configuration as Configuration, (session) => session.close()).then(() => true as const);
	const online = await Promise.race([finished, gaveUp]);
	storage.watch = undefined;
	return { online, violations: [...wrong], cuts, changes, cloud: cloud.save() };
}

/** What is in flash of these identities, to the last bit. */
export function flashView(storage: CuttableStorage, identities: readonly string[]): string {
	const copy = storage.copy();
	return JSON.stringify(
		identities.map((each) => {
			try {
				const record = openVault(copy, crypto, each).load();
				return record && [record, record.credential.secret.reveal(), record.previous?.secret.reveal()];
			} catch (error) {
				return String(error);
			}
		}),
	);
}

/** Whether its identity's credential is in flash and the cloud takes it. */
export function hasValidCredential(storage: CuttableStorage, saved: string, of: string): boolean {
	const record = openVault(storage, crypto, of).load();
	return record !== undefined && new InMemoryCloud(saved).accepts(identityFrom(of), record.credential);
}
