#include "xs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* TCP connections whose events are reported when they happen, as on a chip, and whose small segments leave at once. */

#define MOST 1024
/* As little as a chip has, nearly: what is written waits for a server that does not read, rather than in megabytes of the computer's memory. */
#define SEND_BUFFER 8192

typedef struct {
	xsMachine *the;
	/* A function of JavaScript: the connection's events. */
	xsSlot callback;
	int socket;
	/* Of opening it, if it failed at once. */
	int error;
	guint source;
} Connection;

/* Of the host object, at the latest when the machine ends: the simulator may load another application then. */
static void destroy(void *data)
{
	Connection *connection = data;

	if (!connection)
		return;
	if (connection->source)
		g_source_remove(connection->source);
	close(connection->socket);
	free(connection);
}

static Connection *required(xsMachine *the)
{
	Connection *connection = xsGetHostData(xsArg(0));

	if (!connection)
		xsUnknownError("the connection is closed");
	return connection;
}

static gboolean onEvent(gint socket, GIOCondition condition, gpointer data)
{
	Connection *connection = data;
	int error = 0;
	socklen_t size = sizeof(error);

	connection->source = 0;
	getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
	if (connection->error)
		error = connection->error;
	/* It may close the connection. */
	xsBeginHost(connection->the);
		xsCallFunction2(xsAccess(connection->callback), xsUndefined, xsBoolean((condition & G_IO_OUT) != 0), xsInteger(error));
	xsEndHost(connection->the);
	return G_SOURCE_REMOVE;
}

/* Makes the host object of a socket, which is closed with it, or else at once. */
static Connection *created(xsMachine *the, int descriptor, xsSlot callback)
{
	Connection *connection = calloc(1, sizeof(Connection));
	int on = 1, size = SEND_BUFFER;

	if (!connection) {
		close(descriptor);
		xsUnknownError("no memory");
	}
	connection->the = the;
	connection->socket = descriptor;
	xsResult = xsNewHostObject(destroy);
	xsSetHostData(xsResult, connection);
	setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	connection->callback = callback;
	xsRemember(connection->callback);
	return connection;
}

static int newSocket(xsMachine *the)
{
	int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (descriptor < 0)
		xsUnknownError("no socket");
	return descriptor;
}

/* address, port, callback: isWritable, error. Returns a host object. Nothing is reported before it is watched. */
void xs_dynreg_tcp_open(xsMachine *the)
{
	struct sockaddr_in server = { .sin_family = AF_INET, .sin_port = htons(xsToInteger(xsArg(1))) };
	Connection *connection;

	if (!inet_aton(xsToString(xsArg(0)), &server.sin_addr))
		xsUnknownError("no IPv4 address");
	connection = created(the, newSocket(the), xsArg(2));
	if ((connect(connection->socket, (struct sockaddr *)&server, sizeof(server)) < 0) && (EINPROGRESS != errno))
		connection->error = errno;
}

/* port, callback. Returns a host object, which is watched for reading. */
void xs_dynreg_tcp_listen(xsMachine *the)
{
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons(xsToInteger(xsArg(0))) };
	int on = 1;
	Connection *connection = created(the, newSocket(the), xsArg(1));

	setsockopt(connection->socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if ((bind(connection->socket, (struct sockaddr *)&own, sizeof(own)) < 0) || (listen(connection->socket, SOMAXCONN) < 0))
		xsUnknownError("port %d cannot be used", (int)xsToInteger(xsArg(0)));
}

/* listener, callback as of open. Returns a host object; nothing if the other side has gone. */
void xs_dynreg_tcp_accept(xsMachine *the)
{
	int descriptor = accept(required(the)->socket, NULL, NULL);

	if (descriptor < 0)
		return;
	fcntl(descriptor, F_SETFL, O_NONBLOCK);
	fcntl(descriptor, F_SETFD, FD_CLOEXEC);
	created(the, descriptor, xsArg(1));
}

/* connection, isForReading, isForWriting. The next event is reported, once. */
void xs_dynreg_tcp_watch(xsMachine *the)
{
	Connection *connection = required(the);
	GIOCondition condition = G_IO_ERR | G_IO_HUP;

	if (xsToBoolean(xsArg(1)))
		condition |= G_IO_IN;
	if (xsToBoolean(xsArg(2)))
		condition |= G_IO_OUT;
	if (connection->source)
		g_source_remove(connection->source);
	connection->source = g_unix_fd_add(connection->socket, condition, onEvent, connection);
}

/* connection. Returns what has arrived; nothing if there is none; an empty buffer at the end. */
void xs_dynreg_tcp_read(xsMachine *the)
{
	unsigned char bytes[MOST];
	ssize_t count = recv(required(the)->socket, bytes, sizeof(bytes), 0);

	if ((count >= 0) || ((EAGAIN != errno) && (EWOULDBLOCK != errno)))
		xsResult = xsArrayBuffer(bytes, count < 0 ? 0 : count);
}

/* connection, buffer. Returns how much has been taken. */
void xs_dynreg_tcp_write(xsMachine *the)
{
	Connection *connection = required(the);
	ssize_t count = send(connection->socket, xsToArrayBuffer(xsArg(1)), xsGetArrayBufferLength(xsArg(1)), MSG_NOSIGNAL);

	if ((count < 0) && (EAGAIN != errno) && (EWOULDBLOCK != errno))
		xsUnknownError("the connection is lost");
	xsResult = xsInteger(count < 0 ? 0 : count);
}

/* connection */
void xs_dynreg_tcp_close(xsMachine *the)
{
	Connection *connection = required(the);

	xsForget(connection->callback);
	xsSetHostData(xsArg(0), NULL);
	destroy(connection);
}
