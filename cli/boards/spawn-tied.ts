import { type ChildProcess, spawn } from "node:child_process";

/**
 * Runs the program until its standard input ends, which happens however the process at
 * the other end goes: descriptor 9 stays open for `cat` alone. A broken pipe is an error
 * of one write and not the program's end, as the simulator's sockets need it; the signal
 * is blocked, since ignoring is what a debug build undoes (SDK xs/platforms/lin_xs.c).
 */
const script = `exec 9<&0
[ "$1" = private ] && umask 077; shift
env --block-signal=PIPE "$@" 9<&- </dev/null & held=$!
{ cat <&9 >/dev/null; kill -KILL $held; } 2>/dev/null &
exec 9<&-
wait $held`;

export interface TiedOptions {
	readonly cwd?: string;
	readonly env?: NodeJS.ProcessEnv;
	/** What the program writes is for its owner only. */
	readonly isPrivate?: boolean;
	/** Give the program a pipe as file descriptor 3: `child.stdio[3]`. */
	readonly pipe?: boolean;
}

/** Starts a program that ends with this process, even when this process is killed. */
export function spawnTied(
	program: string,
	parameters: readonly string[],
	{ cwd, env, isPrivate, pipe }: TiedOptions,
): ChildProcess {
	const child = spawn("sh", ["-c", script, "sh", isPrivate ? "private" : "public", program, ...parameters], {
		...(cwd === undefined ? {} : { cwd }),
		...(env === undefined ? {} : { env }),
		stdio: ["pipe", "ignore", "pipe", ...(pipe ? ["pipe" as const] : [])],
		detached: true,
	});
	// Nobody reads what toolkits have to say, and a full pipe would stop the program.
	child.stderr?.resume();
	return child;
}

/** Ends it at once. */
export function kill({ pid, exitCode, signalCode }: ChildProcess): void {
	if (pid === undefined || exitCode !== null || signalCode !== null) return;
	try {
		process.kill(-pid, "SIGKILL");
	} catch {
		// Gone between the look and the kill.
	}
}
