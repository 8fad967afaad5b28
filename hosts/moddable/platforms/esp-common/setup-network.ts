/** Replaces the SDK's `setup/network`; the firmware connects in `network.ts`. */
export default function setup(done: () => void): void {
	done();
}
