import { type ChildProcess, spawn } from "node:child_process";

/**
 * Runs the program until its standard input ends, which happens however the process at
 * the other end goes: descriptor 9 stays open for `cat` alone. Then the whole process group
 * is killed, whatever the program has started by itself. A broken pipe is an error
 * of one write and not the simulator's end, as its sockets need it; the signal
 * is blocked, since ignoring is what a debug build undoes (SDK xs/platforms/lin_xs.c).
 */
const script = `exec 9<&0
[ "$1" = private ] && umask 077
[ "$2" = blocked ] && block="env --block-signal=PIPE"
shift 2
$block "$@" 9<&- </dev/null & held=$!
{ cat <&9; kill -KILL 0; } >/dev/null 2>&1 &
exec 9<&-
wait $held`;

export interface SpawnTiedOptions {
	readonly cwd?: string;
	readonly env?: NodeJS.ProcessEnv;
	/** Only the owner may read the program's files. */
	readonly isPrivate?: boolean;
	/** Block SIGPIPE. */
	readonly blocksPipe?: boolean;
	/** Give the program a pipe as its standard output. */
	readonly output?: boolean;
	/** Give the program a pipe as file descriptor 3: `child.stdio[3]`. */
	readonly pipe?: boolean;
}

/** Starts a program that ends with this process, even when this process is killed, and all that the program starts. */
export function spawnTied(
	program: string,
	parameters: readonly string[],
	{ cwd, env, isPrivate, blocksPipe, output, pipe }: SpawnTiedOptions,
): ChildProcess {
	const modes = [isPrivate ? "private" : "public", blocksPipe ? "blocked" : "unblocked"];
	const child = spawn("sh", ["-c", script, "sh", ...modes, program, ...parameters], {
		...(cwd === undefined ? {} : { cwd }),
		...(env === undefined ? {} : { env }),
		stdio: ["pipe", output ? "pipe" : "ignore", "pipe", ...(pipe ? ["pipe" as const] : [])],
		detached: true,
	});
	// Its remaining child processes end with it.
	child.once("exit", () => child.stdin?.destroy());
	child.stdin?.on("error", () => {});
	// Discard the toolkits' output, since a full pipe would stop the program.
	if (!output) child.stderr?.resume();
	return child;
}

/** Ends it at once. */
export function killTied({ pid, exitCode, signalCode }: ChildProcess): void {
	if (pid === undefined || exitCode !== null || signalCode !== null) return;
	try {
		process.kill(-pid, "SIGKILL");
	} catch {
		// Gone between the look and the kill.
	}
}
