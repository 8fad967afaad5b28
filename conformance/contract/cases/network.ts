import type { ContractCase } from "./case.js";
import { deepFreeze } from "./deep-freeze.js";
import { expectTrue } from "./expect.js";

export const network: readonly ContractCase[] = deepFreeze([
	{
		name: "network: up resolves where there is a network, more than once",
		async run({ network }) {
			await network.up(10000);
			await network.up(10000);
		},
	},
	{
		name: "network: a MAC address is six pairs of lower-case digits",
		async run({ network }) {
			const mac = network.mac();
			expectTrue(mac === undefined || /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(mac), `${mac} is a MAC address`);
		},
	},
	{
		name: "log: takes an event and does not throw",
		async run({ log }) {
			log({ event: "clock", now: Date.UTC(2026, 6, 1) });
		},
	},
]);
