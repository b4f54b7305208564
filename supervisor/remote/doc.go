// Package remote calls services of other processes over NATS.
//
// The same interface is to be had three ways: the struct, its service in this process
// (AccountService), and a client of one in another process (AccountClient), which
// "nanogen -remote" writes, with BindAccount for the process that serves it. What takes an
// AccountCalls takes any of them. Nothing pretends to be local: a client is another type,
// made by another constructor, and each error of a call says what became of it.
//
//	// the process that has the account
//	node := remote.New(remote.Dial("nats://127.0.0.1:4222"), remote.Config{})
//	account := bank.NewAccountService(0)
//	root := supervisor.New("bank", supervisor.Spec{Strategy: supervisor.RestForOne, Children: []supervisor.Child{
//		{Service: account}, {Service: node}, // a new connection does not restart the account
//		{Service: bank.BindAccount(node, "bank.ada", account)},
//	}})
//
//	// any other process
//	ada := bank.NewAccountClient(node, "bank.ada")
//	left, err := ada.Withdraw(ctx, 30)
//	if actor.OutcomeOf(err) == actor.NotRun { /* it is safe to try again: actor.Retry */ }
//
// A Start whose NATS is not there fails, unless the node's Child has a Backoff.
//
// NATS has the transport, discovery, balancing, authorization, TLS and clusters. What is
// here is what it does not offer: outcomes that are true. After NotRun the method was not
// called and will not be; Ran and Crashed are the server's word; what cannot be known is
// Unknown, and that is rare: a call that waits too long in the queue over there is answered
// NotRun shortly before its caller's time is over.
//
// A call is sent once. Its context's deadline and cancellation reach the method, and
// errors.Is and errors.As find in its error what they find there: the sentinels and error
// types that generated code knows, those of package actor and of package context, and a crash as
// *actor.PanicError. A cast, of a method without results, is accounted for: Sync, Info and
// Config.OnDeadLetter tell of those that were refused, or not answered.
//
// What crosses is copied, as CBOR: a parameter list that differs is refused
// (ErrIncompatible), a field that one side does not know is ignored or zero.
//
// The rules, by which the tests are named:
//
//   - R1 A call is delivered at most once, and its method runs at most once for it, with one
//     NATS server or a plain cluster of them.
//   - R2 The outcome of a call is true.
//   - R3 Every call ends: by its context, or after Config.Timeout if that has no deadline.
//   - R4 Deadline, cancellation and trace of the caller reach the method's context. A call
//     whose time is over before its turn is not run, and its caller is told so.
//   - R5 What one goroutine sends through one client to one binding, which is no pool, is
//     handed to the service in that order.
//   - R6 Of the casts of a node, Sent = Accepted + Refused + Unknown + InFlight, and the
//     hook sees those that are refused or unknown.
//   - R7 Errors keep their identity, as said above.
//   - R8 A stop of a binding loses nothing: what was accepted is answered, what comes later
//     is NotRun.
package remote
