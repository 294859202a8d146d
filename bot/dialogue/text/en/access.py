"""English: who may do what, and what is kept of whom."""

from bot.dialogue.text.catalogue import Counted, Doors, Keys, Privacy, Studio

PRIVACY = Privacy(
    sure=(
        "This deletes all of your batches, videos, saved templates and settings, stops what is running and "
        "closes your links. It can't be undone."
    ),
    forgotten="Done. I keep nothing of yours any more.",
)

KEYS = Keys(
    made=(
        "This key lets your programs use me as you. It is shown only now; one you had before no longer works:\n\n"
        "{key}\n\nThe address is {address}. Keep the key secret; {cmd:apikey} revoke withdraws it."
    ),
    revoked="Your key no longer works.",
    none="You have no key.",
    private_only="A key is shown to you alone: please ask for it in a private chat with me.",
)

STUDIO = Studio(
    link=(
        "The studio shows your batches in a browser: drop many files at once, follow them, take every zip. "
        "This link signs one browser in and works once, within {time}. {cmd:web} off signs all of them out."
    ),
    signed_out=Counted("{n} browsers are signed out.", one="Your browser is signed out."),
    none="No browser is signed in.",
    private_only="The link signs you alone in: please ask for it in a private chat with me.",
    guest_link="This link signs one browser of theirs in and works once, within {time}:",
    guest_name="“{name}” can't be a name here: it has up to 40 letters and digits, and . _ - or @ behind the first",
    guest_out=Counted("{n} browsers of theirs are signed out.", one="Their browser is signed out."),
    no_guests="Nobody was invited by name yet.",
)

DOORS = Doors(
    your_id="Your id is {person}. An admin can let you in with:\n{cmd:allow} {person}",
    asks="{person} asks to use me.",
    calls_themselves=", who goes by “{name}”,",
    asked="I have asked. As soon as an admin lets you in, you hear from me in our private chat.",
    asked_already="You have asked already; an admin has to answer. You can ask once a day.",
    asked_too_many="So many people are asking that I can't take more requests. Please try again tomorrow.",
    let_in="An admin let you in: you may use me now. Send one voice and some videos, or see {cmd:help}.",
    stays_out="{who} stays out.",
    claimed="Welcome! You are the admin now. {cmd:help} lists what you can do.",
    claim_wrong="That code isn't right.",
    claim_wait="Too many wrong codes. Please try again in {time}.",
    claim_closed="This bot already has an admin.",
    claim_code="No admin yet. Write to the bot: {cmd:claim} {code}",
    admins_only="Only an admin can do that.",
    allowed="{who} may use me now.",
    already_allowed="{who} was already allowed.",
    denied="{who} may not use me any more.",
    not_allowed_yet="{who} was not on the list.",
    admin_stays="{who} is an admin and stays.",
    list="These may use me:",
    list_empty="Nobody but the admins may use me yet.",
    usage={
        "telegram": (
            "Use {cmd:allow} with a person's or a group's number, for example {cmd:allow} 123456789, or "
            "{cmd:allow} here for everyone in this place; {cmd:deny} works the same way."
        ),
        "slack": (
            "Use {cmd:allow} with one person or one channel, for example {cmd:allow} @anna or {cmd:allow} #studio, "
            "or {cmd:allow} here for everyone in this place; {cmd:deny} works the same way. "
            "A group of people can't be let in as one."
        ),
        "console": (
            "Use {cmd:allow} telegram:123456789 or {cmd:allow} slack:U012ABCDE, with a person's or a place's id; "
            "{cmd:deny} works the same way."
        ),
    },
)
