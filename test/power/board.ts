/** A board in a world of paper: the real firmware over storage that may be cut, a cloud without sockets, and no waiting. */

import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { Storage } from "dynreg/contracts/host";
import { openVault } from "dynreg/credential-store/vault";
import { type Configuration, start } from "dynreg/start";
import { beginning, memoryHost } from "../support/memory-host.js";
import { crypto } from "../support/node-crypto.js";
import { skippedSleeps, VirtualTime, virtualClock } from "../support/virtual-time.js";
import { nameOf, PaperCloud } from "./cloud.js";
import type { Moment, PowerlessStorage } from "./storage.js";
import { watch } from "./witness.js";

/** Sleeps after which a board that is not online never will be. */
const patience = 40;

/** A board and its cloud when the power goes, and what must then be in flash. */
export interface Cut {
	readonly what: string;
	/** How long that moment lasts, where it is known. */
	readonly milliseconds: number;
	readonly storage: PowerlessStorage;
	readonly cloud: string;
	/** Of what is in flash: before the operation that was cut, after it. */
	readonly views: readonly string[];
}

export interface Life {
	readonly online: boolean;
	/** Invariants that did not hold, in words. */
	readonly wrong: readonly string[];
	readonly cuts: readonly Cut[];
	/** How often what is in flash of the watched identities changed, if the cuts were looked at. */
	readonly changes: number;
	readonly cloud: string;
}

export interface LifeOptions {
	/** Look at all the moments at which the power might go. */
	readonly cuts?: boolean;
	/** Half of the first answer to a registration is lost. */
	readonly torn?: boolean;
	/** Identities whose records are looked at. */
	readonly watched: readonly string[];
}

/** Switches a board on, until it is online or never will be. The storage is its own from now on. */
export async function live(
	storage: PowerlessStorage,
	saved: string,
	configuration: RawConfiguration,
	options: LifeOptions,
): Promise<Life> {
	const time = new VirtualTime();
	const clock = virtualClock(time, beginning);
	const cloud = new PaperCloud(saved, () => clock.now() as number);
	const wrong = new Set<string>();
	const cuts: Cut[] = [];
	let moments: Moment[] = [];
	let writes = 0;
	let changes = 0;
	let torn = options.torn ?? false;
	let writesAtTorn: number | undefined;
	if (options.cuts)
		storage.watch = ({ left, ...moment }) => {
			const now = left();
			moments.push({ ...moment, left: () => now });
		};

	const { witness, judged } = watch(storage, cloud, (invariant) => wrong.add(invariant));
	let before = options.cuts ? view(storage, options.watched) : "";
	/** One operation, with all the cuts in it. */
	const observed = <T>(operate: () => T): T => {
		if (!options.cuts) return operate();
		moments = [];
		try {
			return operate();
		} finally {
			const after = view(storage, options.watched);
			if (after !== before) changes++;
			const views = [before, after];
			before = after;
			for (const { what, milliseconds = 0, left } of moments)
				cuts.push({ what, milliseconds, storage: left(), cloud: cloud.save(), views });
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
	const given = new Promise<false>((resolve) => {
		power.signal.addEventListener("abort", () => resolve(false));
	});
	const host = memoryHost(time, {
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
			during() {
				if (writesAtTorn !== undefined) judged("4: stores half an answer", () => writes === writesAtTorn);
				writesAtTorn = undefined;
				if (++sleeps > patience) power.abort();
			},
		}),
	});
	const lived = start(host, configuration as Configuration, (session) => session.close()).then(() => true as const);
	const online = await Promise.race([lived, given]);
	storage.watch = undefined;
	return { online, wrong: [...wrong], cuts, changes, cloud: cloud.save() };
}

/** What is in flash of these identities, to the last bit. */
export function view(storage: PowerlessStorage, identities: readonly string[]): string {
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
export function holds(storage: PowerlessStorage, saved: string, of: string): boolean {
	const record = openVault(storage, crypto, of).load();
	return record !== undefined && new PaperCloud(saved).takes(nameOf(of), record.credential);
}
