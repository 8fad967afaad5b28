import { frozen } from "../../contract/cases/frozen.js";
import type { DeviceCase } from "../device-case.js";

/** Cases that must fail, each in a way of its own, and the one behind each must run all the same. */
export const planted: readonly DeviceCase[] = frozen<readonly DeviceCase[]>([
	{
		name: "planted: passes",
		lives: [async () => ({ "seven, apples": 7 })],
	},
	{
		name: "planted: throws",
		lives: [
			async () => {
				throw new Error("this was planted");
			},
		],
	},
	{
		name: "planted: throws where nobody catches",
		lives: [
			async ({ host, alone }) => {
				alone(() => {
					throw new Error("nobody catches this");
				});
				await host.timers.sleep(600_000);
			},
		],
	},
	{
		name: "planted: takes all memory",
		lives: [
			async () => {
				const taken: ArrayBuffer[] = [];
				for (;;) taken.push(new ArrayBuffer(0x3000_0000));
			},
		],
	},
	{
		name: "planted: recurses without end",
		lives: [
			async () => {
				const deeper = (depth: number): number => 1 + deeper(depth + 1);
				deeper(0);
			},
		],
	},
	{
		name: "planted: never comes back",
		lives: [
			async () => {
				for (;;);
			},
		],
	},
	{
		name: "planted: waits without end",
		lives: [({ host }) => host.timers.sleep(600_000)],
	},
	{
		name: "planted: fails in its second life",
		lives: [
			async () => {},
			async ({ life }) => {
				throw new Error(`this was planted in life ${life}`);
			},
			async () => {},
		],
	},
	{
		name: "planted: passes again",
		lives: [({ powerCut }) => Promise.resolve().then(powerCut), async () => {}],
	},
]);
