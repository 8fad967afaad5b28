/** What the system's codes mean for a file. */
const meanings: Readonly<Record<string, string>> = {
	EACCES: "permission denied",
	EEXIST: "the file already exists",
	EISDIR: "the path is a folder",
	ELOOP: "too many symbolic links",
	ENAMETOOLONG: "the name is too long",
	ENOENT: "no such file or folder",
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
	const { code, path, syscall } = error;
	if (syscall === "mkdir" && path !== undefined) {
		// Its parent exists: a system's own folder, such as /proc.
		const reason = code === "ENOENT" ? "the system allows no folder there" : systemReason(error);
		return `Cannot make the folder ${path}: ${reason}. Choose another folder.`;
	}
	return path === undefined || code === undefined || !(code in meanings)
		? error.message
		: `Cannot use ${path}: ${systemReason(error)}.`;
}

/** The same without the file's name, which may be a secret in a wrong place: "permission denied". */
export function systemReason({ code = "", message }: NodeJS.ErrnoException): string {
	// "EBUSY: resource busy or locked, open '/path'"
	return meanings[code] ?? message.replace(/,.*$/s, "");
}
