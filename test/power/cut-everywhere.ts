import { type BoardRun, flashView, hasValidCredential, type PowerCutPoint, runBoard } from "./board-run.js";
import { InMemoryCloud, identity } from "./in-memory-cloud.js";
import { emptyCloud, type FlowStep, neighbourDevice, type PowerCutFlow } from "./power-cut-flows.js";
import type { CuttableStorage } from "./storage.js";

export interface CutResults {
	/** Moments at which the power was cut. */
	cuts: number;
	/** Of the recoveries of some of them, moments at which it was cut once more. */
	secondCuts: number;
	/** Records that were written. */
	writes: number;
	/** For how long a cut would have had these consequences, where that is known. */
	lostMilliseconds: number;
	/** Boards that did not come online again, or lost what they or others held. */
	readonly lost: LostBoard[];
}

export interface LostBoard {
	/** What was going on in the storage. */
	readonly what: string;
	readonly wrong: readonly string[];
}

/** Of how many recoveries one is cut as well, at each moment; gets half an answer; meets a broker that refuses it by mistake. */
const sampled = { cut: 97, torn: 7, mistake: 5 } as const;

/** Runs a flow once without a cut, and from each moment at which it may be cut to where the board is online again. */
/** @param once no recovery is cut again */
export async function cutEverywhere(flow: PowerCutFlow, storage: CuttableStorage, once = false): Promise<CutResults> {
	const verdict: CutResults = { cuts: 0, secondCuts: 0, writes: 0, lostMilliseconds: 0, lost: [] };
	let cloud = emptyCloud();
	for (const life of flow.steps) {
		cloud = changeCloud(cloud, (each) => life.before?.(each, storage));
		const whole = await runBoard(storage, cloud, life.configuration, { cuts: true, watched: watchedIdentities(life) });
		if (!whole.online || whole.violations.length > 0)
			throw new Error(`${flow.title} goes wrong without a cut: ${whole.violations.join("; ") || "not online"}`);
		cloud = whole.cloud;
		verdict.writes += whole.changes;
		await recover(whole, life, verdict, once);
	}
	return verdict;
}

async function recover({ cuts }: BoardRun, life: FlowStep, verdict: CutResults, once: boolean): Promise<void> {
	/** The result of each distinct pair of flash and cloud. */
	const known = new Map<string, readonly string[]>();
	for (const [number, cut] of cuts.entries()) {
		verdict.cuts++;
		const wrong = await tryCut(cut, number, known, life, verdict, once);
		if (wrong.length === 0) continue;
		verdict.lost.push({ what: cut.what, wrong });
		verdict.lostMilliseconds += cut.milliseconds;
	}
}

async function tryCut(
	cut: PowerCutPoint,
	number: number,
	known: Map<string, readonly string[]>,
	life: FlowStep,
	verdict: CutResults,
	once: boolean,
): Promise<readonly string[]> {
	const key = `${cut.storage.content()} ${cut.cloud} ${cut.views.join()}`;
	const found = known.get(key);
	if (found) return found;
	const again = !once && number % sampled.cut === 0;
	const { wrong, cuts } = await powerUpAgain(cut, life, {
		torn: number % sampled.torn === 0,
		mistakes: number % sampled.mistake === 0 ? 1 : 0,
		cuts: again,
	});
	known.set(key, wrong);
	for (const second of again ? cuts : []) {
		verdict.secondCuts++;
		const { wrong } = await powerUpAgain(second, life, { torn: false, mistakes: 0, cuts: false });
		if (wrong.length > 0) verdict.lost.push({ what: `${second.what}, after a cut while ${cut.what}`, wrong });
	}
	return wrong;
}

interface RecoveryFaults {
	readonly torn: boolean;
	readonly mistakes: number;
	readonly cuts: boolean;
}

/** Switches the board on again after a cut. */
async function powerUpAgain(cut: PowerCutPoint, life: FlowStep, { torn, mistakes, cuts }: RecoveryFaults) {
	const watched = watchedIdentities(life);
	const others = flashView(cut.storage, watched.slice(1));
	const wrong: string[] = [];
	if (!cut.views.includes(flashView(cut.storage, watched)))
		wrong.push("3: flash holds neither the old record nor the new one");
	const cloud = mistakes > 0 ? changeCloud(cut.cloud, (each) => each.refuseNext(mistakes)) : cut.cloud;
	const again = await runBoard(cut.storage, cloud, life.configuration, { cuts, torn, watched });
	wrong.push(...again.violations);
	if (!again.online) wrong.push("never comes online again");
	else if (!hasValidCredential(cut.storage, again.cloud, watched[0]))
		wrong.push("2: flash does not hold what the cloud takes");
	if (flashView(cut.storage, watched.slice(1)) !== others) wrong.push("10: another identity's record is changed");
	return { wrong, cuts: again.cuts };
}

/** Its own identity, then those that it must leave alone. */
function watchedIdentities({ name, others = [] }: FlowStep): readonly [string, ...string[]] {
	return [identity(name), identity(neighbourDevice), ...others];
}

function changeCloud(saved: string, change: (cloud: InMemoryCloud) => void): string {
	const cloud = new InMemoryCloud(saved);
	change(cloud);
	return cloud.save();
}
