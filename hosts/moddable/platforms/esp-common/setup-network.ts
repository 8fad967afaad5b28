/** In the place of the SDK's `setup/network`: the network is the firmware's business (`network.ts`). */
export default function setup(done: () => void): void {
	done();
}
