import type { ExecutionContext } from "ava";
import { Failure } from "dynreg/core/errors";
import { sentence } from "dynreg/messages/sentence";
import fc from "fast-check";

/** Fixed, so that a test that fails fails again. FUZZ_SEED=… looks elsewhere. */
const seed = Number(process.env.FUZZ_SEED ?? 20_260_101);
/** FUZZ_FACTOR=50 runs fifty times as many cases. */
const factor = Number(process.env.FUZZ_FACTOR ?? 1);
/** Milliseconds of the processor that one case may take: less than a board's watchdog. Other processes do not count. */
const longest = 2000;

/** Holds the property against so many made-up cases, and against the recorded ones first. What fails is made as small as it can be. */
export async function checkProperty<Case>(
	t: ExecutionContext,
	cases: fc.Arbitrary<Case>,
	property: (each: Case) => unknown,
	{ runs = 2000, recorded = [] }: { readonly runs?: number; readonly recorded?: readonly Case[] } = {},
): Promise<void> {
	let count = 0;
	const judge = async (each: Case) => {
		count++;
		const started = process.cpuUsage();
		await property(each);
		const { user, system } = process.cpuUsage(started);
		if ((user + system) / 1000 > longest) throw new Error(`it took more than ${longest} ms`);
		unpolluted();
	};
	for (const each of recorded) await judge(each);
	await fc.assert(
		fc.asyncProperty(cases, async (each) => {
			await judge(each);
		}),
		{ seed, numRuns: runs * factor, interruptAfterTimeLimit: 170_000 },
	);
	t.log(`${count} cases, ${recorded.length} of them recorded`);
	t.pass();
}

/** The result: a value or a `Failure`. Any other exception is a finding. */
export function outcomeOf<Value>(work: () => Value): Value | Failure {
	try {
		return work();
	} catch (error) {
		if (!(error instanceof Failure)) throw error;
		if (error.code === "unexpected") throw error;
		assertPresentable(error);
		return error;
	}
}

/** A failure has something to say to a person, and says it briefly. */
export function assertPresentable(failure: Failure): void {
	const message = sentence(failure);
	if (message.length < 10 || message.length > 1000) throw new Error(`a message of ${message.length} characters`);
}

/** No text of the failure holds the secret. */
export function assertNoSecret(failure: Failure, ...secrets: readonly string[]): void {
	const said = `${failure.message} ${sentence(failure)} ${String(failure.cause)}`;
	for (const secret of secrets) if (said.includes(secret)) throw new Error(`a secret is told: ${said}`);
}

function unpolluted(): void {
	for (const prototype of [Object.prototype, Array.prototype, String.prototype])
		for (const key in prototype) throw new Error(`${key} has got into a prototype`);
}
