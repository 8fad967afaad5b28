#include "xsmc.h"

/* Whether the engine has a debugger in it. */
void xs_dynreg_debugging(xsMachine *the)
{
#ifdef mxDebug
	xsmcSetTrue(xsResult);
#else
	xsmcSetFalse(xsResult);
#endif
}
