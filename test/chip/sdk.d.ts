/** The simulator's own modules, under the names that `test/simulator/chip-image.ts` gives to copies of them. */

declare module "simulator/socket" {
	import { Socket as Client } from "socket";

	export class Socket extends Client {
		get(name: string): string | undefined;
	}
	export class Listener {}
}

declare module "simulator/net" {
	export { default } from "net";
}

declare module "simulator/time" {
	export { default } from "time";
}
