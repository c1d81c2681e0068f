/*
 * The payment protocol, checked in every order in which its steps can happen (Spin).
 *
 * Promises, checked below:
 *   always    no intent and no two intents take money twice; nothing goes back that was not taken
 *   at rest   the goal `return` means that nothing is taken and nothing reserved, at any intent; the goal `collect` that
 *             exactly the one recorded intent holds the money
 *
 * The world:
 *   - Two workers drive the same payment. Either may stand still between any two steps and go on later, holding what it
 *     read before: a lease only makes that rare. Neither knows of the other.
 *   - The provider ignores every idempotency key. A call is applied at once or late, and its answer arrives or is lost;
 *     a call that was applied late may find the object changed, and is refused by its state.
 *   - A cancellation may come at any moment and sets the goal. The saga captures only what was granted.
 *   - When the bad time is over, calls are answered, and a rescuer drives the payment until nothing is left to call.
 *
 * What is left out: amounts (one unit stands for all of it), declines, webhooks (an observation by another name).
 * `npm run proofs -- model` checks it, and then takes one rule out at a time, which must be found.
 */

#define INTENTS 3  /* strays included; the last one is kept for the rescuer */
#define LATE 2     /* calls that are on their way and not yet applied */
#ifndef PASSES
#define PASSES 3   /* of each worker */
#endif

mtype = { none, unconfirmed, authorised, taken, gone, back };  /* states of an intent */
mtype = { idle, create, confirm, capture, cancel, refund };    /* calls */

/* the provider */
mtype intent[INTENTS];
byte created = 0;
byte captures = 0;
chan late = [LATE] of { mtype, byte };

/* our books: one row, changed by compare-and-set in one statement each */
byte recorded = INTENTS;   /* the intent that every call names; INTENTS is none */
mtype known = none;        /* what was observed of it */
bool returning = false;    /* the goal; it only ever moves to `return` */
bool granted = false;      /* the authorisation was answered, so the saga asks for the capture */

bool settled = false;
byte stopped = 0;

inline next_call(call) {
  if
  :: !returning && recorded == INTENTS -> call = create
  :: !returning && recorded != INTENTS && (known == unconfirmed) -> call = confirm
  :: !returning && recorded != INTENTS && known == authorised && granted -> call = capture
  :: returning && recorded != INTENTS && (known == unconfirmed || known == authorised) -> call = cancel
  :: returning && recorded != INTENTS && known == taken -> call = refund
  :: else -> call = idle
  fi
}

/* What a call does at the provider: the object's state refuses a second application, whatever the key. */
inline apply(call, name, room) {
  if
  :: call == create && created < room -> name = created; intent[name] = unconfirmed; created++
  :: call == confirm && intent[name] == unconfirmed -> intent[name] = authorised
  :: call == capture && intent[name] == authorised -> intent[name] = taken; captures++
  :: call == cancel && (intent[name] == unconfirmed || intent[name] == authorised) -> intent[name] = gone
  :: call == refund && intent[name] == taken -> intent[name] = back
  :: else -> skip
  fi;
  assert(captures <= 1)
}

/* How far an intent has come: what is heard late never moves the books back. */
#define RANK(state) (state == none -> 0 : (state == unconfirmed -> 1 : (state == authorised -> 2 : (state == back -> 4 : 3))))

/* An observation, whoever learned it and however long ago. The first intent recorded stays. */
inline observe(name, seen) {
  if
  :: recorded == INTENTS -> recorded = name
  :: else -> skip
  fi;
  if
  :: recorded == name && RANK(seen) > RANK(known) ->
     known = seen;
     if
     :: known == authorised && !returning -> granted = true
     :: else -> skip
     fi
  :: else -> skip
  fi;
  seen = none
}

/* A few passes of a worker: decide on the committed row, call, observe. Between any two steps others may run. */
proctype Worker() {
  mtype call;
  mtype seen;
  byte name;
  byte passes = 0;
  do
  :: passes < PASSES ->
       passes++;
       atomic { next_call(call); name = recorded };
       if
       :: call == idle -> skip
       :: call != idle ->
            if
            :: atomic { true -> apply(call, name, INTENTS - 1); seen = (name < INTENTS -> intent[name] : none) };
               if
               :: atomic { seen != none -> observe(name, seen) }  /* answered, perhaps long after */
               :: skip                                            /* the answer is lost */
               fi
            :: atomic { nfull(late) -> late!call, name }  /* nothing is heard; it lands later */
            :: skip                                       /* it never arrives */
            fi;
            /* an unknown outcome is resolved by reading the object, or the work is left to somebody later */
            if
            :: atomic { recorded < INTENTS -> name = recorded; seen = intent[name] };
               atomic { observe(name, seen) }
            :: skip
            fi;
            seen = none
       fi
  :: passes == PASSES -> break
  od;
  stopped++
}

/* Calls that are on their way land at any moment: after the object has changed, and after the payment was settled. */
proctype Network() {
  mtype call;
  byte name;
  byte other = 0;
  do
  :: atomic { late?call, name -> apply(call, name, INTENTS - 1) }
  :: empty(late) && settled -> break
  od;
  atomic {
    do
    :: other < INTENTS ->
         /* a stray stays unconfirmed: it neither reserves nor takes */
         assert(other == recorded || intent[other] == none || intent[other] == unconfirmed);
         assert(!returning || (intent[other] != authorised && intent[other] != taken));
         other++
    :: else -> break
    od;
    assert(returning || (recorded < INTENTS && intent[recorded] == taken))
  }
}

/* The customer changes their mind, or does not. */
proctype Customer() {
  if
  :: returning = true
  :: skip
  fi;
  stopped++
}

/* The bad time ends: calls are answered, and a rescuer drives on until nothing is left to call. */
proctype Rescuer() {
  mtype call;
  mtype seen;
  byte name;
  (stopped == 3);
  do
  :: true ->
       atomic {
         if
         :: recorded < INTENTS -> name = recorded; seen = intent[name]; observe(name, seen)
         :: else -> skip
         fi;
         next_call(call);
         name = recorded
       };
       if
       :: call == idle -> break
       :: else -> atomic { apply(call, name, INTENTS); seen = intent[name]; observe(name, seen) }
       fi
  od;
  settled = true
}

init {
  byte i = 0;
  atomic {
    do
    :: i < INTENTS -> intent[i] = none; i++
    :: else -> break
    od;
    run Worker();
    run Worker();
    run Network();
    run Customer();
    run Rescuer()
  }
}
