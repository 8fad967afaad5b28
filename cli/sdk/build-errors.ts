/**
 * What went wrong in a build, out of everything that the SDK's tools print.
 *
 * @param output of `mcconfig`
 * @returns its lines without successful steps ("# cc main.c") and without warnings of compilers, which hide the error
 */
export function buildErrors(output: string): string {
	let isWarning = false;
	const lines = output.split("\n").filter((line) => {
		// "file.c: In function ‘f’:" and "In file included from" introduce a message, indented lines continue it.
		if (/^In file included from |: In function /.test(line)) return false;
		if (!/^\s/.test(line)) isWarning = /: warning: /.test(line);
		return !isWarning && !/^# \w+ \S+$/.test(line);
	});
	return lines.join("\n").trim();
}
