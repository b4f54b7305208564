/*
Package nanoservices is a tour of Nano Services for Go, and has no code. The
packages of the module are

  - [github.com/bruskajp/nano_services/actor]: services, and everything to use
    them with;
  - [github.com/bruskajp/nano_services/supervisor]: trees of services that are
    restarted when they crash; with supervisor/httpserver, an HTTP server as a child,
    and with supervisor/observer, a page that shows a tree;
  - [github.com/bruskajp/nano_services/mailbox]: the lock-free queue and the
    mailbox that services are built on, usable on their own.

The command [github.com/bruskajp/nano_services/cmd/nanogen] makes the methods of a
struct those of a service.

# The idea

Micro-services give one responsibility to each service, and keep the failure of
one from the others. They pay for it: data is copied over sockets, each
conversation needs a protocol, and failures are hard to reproduce. A nano service
keeps the gains inside one process. It is a value of an ordinary Go type that has
its own goroutine; no other goroutine can touch it. Its methods are the protocol.

# A type

Nothing about it is special, and it is tested without the library:

	type Account struct{ balance int }

	func (a *Account) Deposit(amount int) { a.balance += amount }

	func (a *Account) Balance() int { return a.balance }

	func (a *Account) Withdraw(amount int) (left int, err error) {
		if amount > a.balance {
			return a.balance, errors.New("not enough money")
		}
		a.balance -= amount
		return a.balance, nil
	}

# A service

Start gives the value a goroutine, and returns a handle:

	account := actor.Start(&Account{}) // has a goroutine of its own from here on

# Without waiting

Do hands a closure over and returns at once. A hundred goroutines may do so, and
the account is still never used by two of them at a time:

	for range 100 {
		senders.Go(func() {
			if err := account.Do(func(a *Account) { a.Deposit(1) }); err != nil {
				fmt.Println("not accepted:", err)
			}
		})
	}
	senders.Wait()

# With an answer

Get and Call wait for a result, Get for functions without an error:

	balance, err := actor.Get(ctx, account, (*Account).Balance)
	fmt.Println(balance, err)

	withdraw := func(amount int) (int, error) {
		return actor.Call(ctx, account, func(a *Account) (int, error) { return a.Withdraw(amount) })
	}
	fmt.Println(withdraw(30))
	fmt.Println(withdraw(500))

prints

	100 <nil>
	70 <nil>
	70 not enough money

# The end

Stop runs what was accepted and leaves no goroutine behind. What comes later is
refused, with an error that says that it never ran:

	fmt.Println(account.Stop(ctx))
	_, err = withdraw(1)
	fmt.Println(errors.Is(err, actor.ErrStopped), actor.OutcomeOf(err))

prints

	<nil>
	true not run

# Where to go from here

The documentation of package actor begins with a map, and docs has the manual. What may be
relied upon is in docs/guarantees.rst, and why it is built like this in docs/design.rst.
*/
package nanoservices
