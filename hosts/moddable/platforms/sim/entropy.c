#include "xs.h"
#include <sys/random.h>
#include <unistd.h>

#define MOST 64

/* Bytes that nobody can predict; getentropy() is the same on Linux and macOS. */
void xs_dynreg_entropy(xsMachine *the)
{
	unsigned char bytes[MOST];
	int count = xsToInteger(xsArg(0));

	if (count < 0 || count > MOST)
		xsRangeError("0 to 64 random bytes at a time");
	if (getentropy(bytes, count) != 0)
		xsUnknownError("the operating system has no random bytes");
	xsResult = xsArrayBuffer(bytes, count);
}
