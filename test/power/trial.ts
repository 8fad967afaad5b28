import { type Cut, holds, type Life, live, view } from "./board.js";
import { identity, PaperCloud } from "./cloud.js";
import { emptyCloud, type Flow, type FlowLife, neighbour } from "./flows.js";
import type { PowerlessStorage } from "./storage.js";

export interface Verdict {
	/** Moments at which the power was cut. */
	cuts: number;
	/** Of the recoveries of some of them, moments at which it was cut once more. */
	secondCuts: number;
	/** Records that were written. */
	writes: number;
	/** For how long a cut would have had these consequences, where that is known. */
	lostMilliseconds: number;
	/** Boards that did not come online again, or lost what they or others held. */
	readonly lost: Loss[];
}

export interface Loss {
	/** What was going on in the storage. */
	readonly what: string;
	readonly wrong: readonly string[];
}

/** Of how many recoveries one is cut as well, at each moment; gets half an answer; meets a broker that refuses it by mistake. */
const sampled = { cut: 97, torn: 7, mistake: 5 } as const;

/** Runs a flow once without a cut, and from each moment at which it may be cut to where the board is online again. */
/** @param once no recovery is cut again */
export async function attempt(flow: Flow, storage: PowerlessStorage, once = false): Promise<Verdict> {
	const verdict: Verdict = { cuts: 0, secondCuts: 0, writes: 0, lostMilliseconds: 0, lost: [] };
	let cloud = emptyCloud();
	for (const life of flow.lives) {
		cloud = changed(cloud, (each) => life.before?.(each, storage));
		const whole = await live(storage, cloud, life.configuration, { cuts: true, watched: watchedBy(life) });
		if (!whole.online || whole.wrong.length > 0)
			throw new Error(`${flow.title} goes wrong without a cut: ${whole.wrong.join("; ") || "not online"}`);
		cloud = whole.cloud;
		verdict.writes += whole.changes;
		await recover(whole, life, verdict, once);
	}
	return verdict;
}

async function recover({ cuts }: Life, life: FlowLife, verdict: Verdict, once: boolean): Promise<void> {
	/** What came of each distinct pair of flash and cloud. */
	const known = new Map<string, readonly string[]>();
	for (const [number, cut] of cuts.entries()) {
		verdict.cuts++;
		const wrong = await outcome(cut, number, known, life, verdict, once);
		if (wrong.length === 0) continue;
		verdict.lost.push({ what: cut.what, wrong });
		verdict.lostMilliseconds += cut.milliseconds;
	}
}

async function outcome(
	cut: Cut,
	number: number,
	known: Map<string, readonly string[]>,
	life: FlowLife,
	verdict: Verdict,
	once: boolean,
): Promise<readonly string[]> {
	const key = `${cut.storage.content()} ${cut.cloud} ${cut.views.join()}`;
	const found = known.get(key);
	if (found) return found;
	const again = !once && number % sampled.cut === 0;
	const { wrong, cuts } = await comeBack(cut, life, {
		torn: number % sampled.torn === 0,
		mistakes: number % sampled.mistake === 0 ? 1 : 0,
		cuts: again,
	});
	known.set(key, wrong);
	for (const second of again ? cuts : []) {
		verdict.secondCuts++;
		const { wrong } = await comeBack(second, life, { torn: false, mistakes: 0, cuts: false });
		if (wrong.length > 0) verdict.lost.push({ what: `${second.what}, after a cut while ${cut.what}`, wrong });
	}
	return wrong;
}

interface Hardships {
	readonly torn: boolean;
	readonly mistakes: number;
	readonly cuts: boolean;
}

/** Switches the board on again after a cut. */
async function comeBack(cut: Cut, life: FlowLife, { torn, mistakes, cuts }: Hardships) {
	const watched = watchedBy(life);
	const others = view(cut.storage, watched.slice(1));
	const wrong: string[] = [];
	if (!cut.views.includes(view(cut.storage, watched)))
		wrong.push("3: flash holds neither the old record nor the new one");
	const cloud = mistakes > 0 ? changed(cut.cloud, (each) => each.makeMistakes(mistakes)) : cut.cloud;
	const again = await live(cut.storage, cloud, life.configuration, { cuts, torn, watched });
	wrong.push(...again.wrong);
	if (!again.online) wrong.push("never comes online again");
	else if (!holds(cut.storage, again.cloud, watched[0])) wrong.push("2: flash does not hold what the cloud takes");
	if (view(cut.storage, watched.slice(1)) !== others) wrong.push("10: another identity's record is changed");
	return { wrong, cuts: again.cuts };
}

/** Its own identity, then those that it must leave alone. */
function watchedBy({ name, others = [] }: FlowLife): readonly [string, ...string[]] {
	return [identity(name), identity(neighbour), ...others];
}

function changed(saved: string, change: (cloud: PaperCloud) => void): string {
	const cloud = new PaperCloud(saved);
	change(cloud);
	return cloud.save();
}
