/*
Package observer shows a supervision tree in a browser, and to programs. The page is an
http.Handler, to be mounted where the application likes:

	mux.Handle("/debug/services", observer.Handler(shop))

It shows the same under any path. Its first line answers whether all is well: how many
children are in which state, how many have crashed in the last minute and hour, what is
stuck, and which restart budgets are nearly used up. The table has a row for each child: its
state and since when, its restarts, its last crash, how many closures wait, how many are
executed a second, how long they run, and what runs now and what that waits for. A supervisor
has sums, its strategy and what is left of its budget; a function its name; a server its
address and the requests under way. Services that wait for each other in a circle are red, if
they still do at a second look. A child that is no supervisor has a page of its own.
The queries:

  - /debug/services is the tree.
  - /debug/services?path=shop/basket is one child, or the part of the tree below it, with
    its last crash: the stack, on whose behalf the closure ran, and the closures before it.
  - /debug/services?view=picture is a drawing of the tree, and of what waits for what.
  - /debug/services?q=bask has the children whose path contains that; ?sort=rate has all, by
    rate, crash, queue, p99, state or name. ?fold=shop/db shows nothing below shop/db.
  - /debug/services?refresh=5 has the browser load it again every 5 seconds.
  - /debug/services?all=1 has all rows. Otherwise there are at most 500, and each supervisor
    has a fair share of them: children that had trouble or do something are shown first, and
    those without a row are counted. A pool is shown as the supervisor that it embeds.
  - /debug/services?format=json is the same for programs, a [Report]; with a path, of
    that part.

Without scripts the page is whole, but does not change by itself. With the one small script
in it, it is live: what changes comes as server-sent events (?format=events), in at most 16
streams. A stream ends when the tree begins to stop, or when the server is told to shut down, so
that it holds up neither. A server that is a child of the tree ends when the tree gives up, and
its page with it: to look at the tree then, show it on a server outside the tree.

This prints the last crash of a service on a terminal:

	curl -s 'localhost:8080/debug/services?format=json&path=shop/basket' | jq -r '.Crashes[0].Stack'

# Who may look

Only clients on the same machine, because what services do and what crashed is not for
everybody. [Allow] lets a function decide about all other requests. Those include requests
that a proxy on the same machine forwards, if a header says so (Forwarded, Via, X-Real-Ip,
True-Client-Ip, Cf-Connecting-Ip, and all that begin with X-Forwarded), and requests of
browsers for this machine by a name that is not localhost's, as a hostile page can have
them do (DNS rebinding). Clients that send Accept-Encoding count as browsers; Go's sends it.
A proxy on the same machine that sends none of these headers makes all clients local: do not
route this path through it. Clients on a Unix socket are local, unless a proxy asks for them.
Pages of other sites may link to this one. Their other requests for it are refused, whatever
Allow says, if the browser tells where they come from (Sec-Fetch-Site). The page can only be
read: nothing on it changes anything, and any method but GET and HEAD is refused.

# What it costs

Nothing, until a client asks. Then the tree is looked at once a second, for all clients and
for a minute afterwards, and less often if that takes long: never more than a twentieth of a
processor is spent on it. That is [supervisor.Supervisor.Snapshot], which waits for no closure
and no child, so that a stuck service cannot keep the page from being served; a second one is
taken if there is a circle. Each service takes half a kilobyte meanwhile, for the rates and the
lines of the last minute. A page is put together in memory, and sent when no lock is held.
How long closures wait and run is known for services that measure it (actor.WithTimes), and
the closures before a crash for those that keep them (actor.WithHistory).
*/
package observer
