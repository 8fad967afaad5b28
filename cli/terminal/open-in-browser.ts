import { spawn } from "node:child_process";

/** What opens an address on each system, and its arguments before the address. */
const openers: Readonly<Partial<Record<NodeJS.Platform, readonly [program: string, ...args: string[]]>>> = {
	darwin: ["open"],
	win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

/** Milliseconds for an error of the program; one that runs on has succeeded. */
const patience = 2000;

/**
 * Opens an address in the user's browser. The browser outlives this process.
 *
 * @param variables `BROWSER` is a program that takes the address
 * @returns whether a program for it was started, and has not failed at once
 */
export function openInBrowser(url: string, variables: NodeJS.ProcessEnv = process.env): Promise<boolean> {
	const [program, ...args] = variables.BROWSER ? [variables.BROWSER] : (openers[process.platform] ?? ["xdg-open"]);
	return new Promise((resolve) => {
		const child = spawn(program, [...args, url], { stdio: "ignore", detached: true });
		const timer = setTimeout(() => resolve(true), patience);
		const end = (succeeded: boolean) => {
			clearTimeout(timer);
			resolve(succeeded);
		};
		child.once("error", () => end(false));
		child.once("exit", (code) => end(code === 0));
		child.unref();
	});
}
