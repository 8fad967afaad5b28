#include "xs.h"

#include <arpa/inet.h>
#include <errno.h>
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

typedef struct Connection {
	struct Connection *next;
	xsMachine *the;
	/* A function of JavaScript: the connection's events. */
	xsSlot callback;
	int socket;
	/* Of opening it, if it failed at once. */
	int error;
	unsigned source;
} Connection;

static Connection *gConnections;

/* By its socket, since the connection may have been closed meanwhile. */
static Connection *find(int socket)
{
	Connection *each = gConnections;

	while (each && (each->socket != socket))
		each = each->next;
	return each;
}

static Connection *required(xsMachine *the)
{
	Connection *connection = find(xsToInteger(xsArg(0)));

	if (!connection)
		xsUnknownError("the connection is closed");
	return connection;
}

static int onEvent(int socket, GIOCondition condition, void *data)
{
	Connection *connection = find(socket);
	int error = 0;
	socklen_t size = sizeof(error);

	(void)data;
	connection->source = 0;
	getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
	if (connection->error)
		error = connection->error;
	xsBeginHost(connection->the);
		xsCallFunction2(xsAccess(connection->callback), xsUndefined, xsBoolean((condition & G_IO_OUT) != 0), xsInteger(error));
	xsEndHost(connection->the);
	return G_SOURCE_REMOVE;
}

/* address, port, callback: isWritable, error. Returns its number. Nothing is reported before it is watched. */
void xs_dynreg_tcp_open(xsMachine *the)
{
	struct sockaddr_in server = { .sin_family = AF_INET, .sin_port = htons(xsToInteger(xsArg(1))) };
	Connection *connection;
	int on = 1, size = SEND_BUFFER, number;

	if (!inet_aton(xsToString(xsArg(0)), &server.sin_addr))
		xsUnknownError("no IPv4 address");
	number = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (number < 0)
		xsUnknownError("no socket");
	connection = calloc(1, sizeof(Connection));
	if (!connection) {
		close(number);
		xsUnknownError("no memory");
	}
	setsockopt(number, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(number, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	if ((connect(number, (struct sockaddr *)&server, sizeof(server)) < 0) && (EINPROGRESS != errno))
		connection->error = errno;
	connection->the = the;
	connection->socket = number;
	connection->callback = xsArg(2);
	xsRemember(connection->callback);
	connection->next = gConnections;
	gConnections = connection;
	xsResult = xsInteger(number);
}

/* number, isForWriting. The next event is reported, once. */
void xs_dynreg_tcp_watch(xsMachine *the)
{
	Connection *connection = required(the);

	if (connection->source)
		g_source_remove(connection->source);
	connection->source = g_unix_fd_add(
		connection->socket,
		xsToBoolean(xsArg(1)) ? G_IO_OUT | G_IO_IN | G_IO_ERR | G_IO_HUP : G_IO_IN | G_IO_ERR | G_IO_HUP, onEvent, NULL);
}

/* number. Returns what has arrived; nothing if there is none; an empty buffer at the end. */
void xs_dynreg_tcp_read(xsMachine *the)
{
	unsigned char bytes[MOST];
	ssize_t count = recv(required(the)->socket, bytes, sizeof(bytes), 0);

	if ((count >= 0) || ((EAGAIN != errno) && (EWOULDBLOCK != errno)))
		xsResult = xsArrayBuffer(bytes, count < 0 ? 0 : count);
}

/* number, buffer. Returns how much has been taken. */
void xs_dynreg_tcp_write(xsMachine *the)
{
	Connection *connection = required(the);
	ssize_t count = send(connection->socket, xsToArrayBuffer(xsArg(1)), xsGetArrayBufferLength(xsArg(1)), MSG_NOSIGNAL);

	if ((count < 0) && (EAGAIN != errno) && (EWOULDBLOCK != errno))
		xsUnknownError("the connection is lost");
	xsResult = xsInteger(count < 0 ? 0 : count);
}

/* number */
void xs_dynreg_tcp_close(xsMachine *the)
{
	Connection *connection = required(the), **link = &gConnections;

	while (*link != connection)
		link = &(*link)->next;
	*link = connection->next;
	if (connection->source)
		g_source_remove(connection->source);
	xsForget(connection->callback);
	close(connection->socket);
	free(connection);
}
