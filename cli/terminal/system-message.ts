/** What the system's codes mean for a file. */
const meanings: Readonly<Record<string, string>> = {
	EACCES: "permission denied",
	EEXIST: "it is there already",
	EISDIR: "it is a folder",
	ENOENT: "there is no such file or folder",
	ENOSPC: "the disk is full",
	ENOTDIR: "part of the path is not a folder",
	EPERM: "permission denied",
	EROFS: "the disk is read-only",
};

/**
 * What went wrong with a file, for people.
 *
 * @returns "Cannot use main.ts: permission denied", or the error's own message where it names no file
 */
export function systemMessage(error: NodeJS.ErrnoException): string {
	const { code, path } = error;
	return path === undefined || code === undefined || !(code in meanings)
		? error.message
		: `Cannot use ${path}: ${reasonOf(error)}`;
}

/** The same without the file's name: "permission denied". */
export function reasonOf({ code = "", message }: NodeJS.ErrnoException): string {
	return meanings[code] ?? message;
}
