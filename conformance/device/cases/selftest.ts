import { deepFreeze } from "../../contract/cases/deep-freeze.js";
import { sleep } from "../../contract/cases/expect.js";
import type { DeviceCase } from "../device-case.js";

/** Cases that must fail, each in a way of its own, and the one behind each must run all the same. */
export const selftest: readonly DeviceCase[] = deepFreeze<readonly DeviceCase[]>([
	{
		name: "self-test: passes",
		runs: [async () => ({ "seven, apples": 7 })],
	},
	{
		name: "self-test: throws",
		runs: [
			async () => {
				throw new Error("this failure is on purpose");
			},
		],
	},
	{
		name: "self-test: throws an uncaught error",
		runs: [
			async ({ host, runUncaught }) => {
				runUncaught(() => {
					throw new Error("nobody catches this");
				});
				await sleep(host.timers, 600_000);
			},
		],
	},
	{
		name: "self-test: takes all memory",
		runs: [
			async () => {
				const taken: ArrayBuffer[] = [];
				for (;;) taken.push(new ArrayBuffer(0x3000_0000));
			},
		],
	},
	{
		name: "self-test: recurses without end",
		runs: [
			async () => {
				const deeper = (depth: number): number => 1 + deeper(depth + 1);
				deeper(0);
			},
		],
	},
	{
		name: "self-test: never comes back",
		runs: [
			async () => {
				for (;;);
			},
		],
	},
	{
		name: "self-test: waits without end",
		runs: [({ host }) => sleep(host.timers, 600_000)],
	},
	{
		name: "self-test: fails in its second run",
		runs: [
			async () => {},
			async ({ run }) => {
				throw new Error(`this failure is on purpose, run ${run}`);
			},
			async () => {},
		],
	},
	{
		name: "self-test: passes again",
		runs: [({ powerCut }) => Promise.resolve().then(powerCut), async () => {}],
	},
]);
