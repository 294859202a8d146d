"""English."""

from bot.dialogue.text.catalogue import (
    Buttons,
    Catalogue,
    Collecting,
    Counted,
    Ending,
    History,
    Slack,
    Status,
    Talk,
    Telegram,
    Templates,
    Terminal,
    Units,
)
from bot.dialogue.text.en.access import DOORS, KEYS, PRIVACY, STUDIO
from bot.dialogue.text.en.options import OPTIONS
from heygem.batches.model import BatchState, ItemState
from heygem.batches.workers import Stall

ENGLISH = Catalogue(
    language="en",
    units=Units(
        soon="less than a minute",
        minutes=Counted("{n} min"),
        hours=Counted("{n} hours", one="1 hour"),
        hours_minutes="{hours} h {minutes} min",
        days=Counted("{n} days", one="1 day"),
        just_now="just now",
        minutes_ago=Counted("{n} min ago"),
        hours_ago=Counted("{n} h ago"),
        days_ago=Counted("{n} days ago", one="yesterday"),
        videos=Counted("{n} videos", one="1 video"),
        about="about {value}",
        picture="picture",
        separator=" · ",
        comma=", ",
        unnamed_voice="voice note",
        unnamed_template="video",
    ),
    buttons=Buttons(
        generate="Generate",
        try_one="Try one first",
        preview_picture="Preview a picture",
        preview_3s="Preview 3 seconds",
        remove="Remove one",
        pictures="Pictures",
        options="Options",
        discard="Discard",
        discard_yes="Yes, discard",
        cancel="Cancel",
        pause="Pause",
        resume="Resume",
        put_first="Make this one first",
        export_ready="Export what's ready",
        download="Open the videos",
        new_link="New link",
        show="Show",
        retry="Retry what failed",
        reuse="Same faces, new voice",
        back="‹ Back",
        more="More ›",
        delete="Delete",
        keep="Keep",
        clear_all="Delete all",
        clear_yes="Yes, delete all",
        forget_yes="Yes, forget me",
        not_transcript="That's not the text",
        new_batch="New batch",
        upload="Open the upload page",
        own_voice="Own voice",
        drop_voice="Take its voice away",
        use_transcript="Use the caption as the words spoken",
        ask_admin="Ask the admin",
        allow="Allow",
        deny="Deny",
        studio="Open the studio",
    ),
    talk=Talk(
        welcome=(
            "Hello! Send me one voice and any number of videos of people, and I'll make everyone in them say it.\n\n"
            "1. Send a voice note or an audio file.\n"
            "2. Send the videos (or portraits).\n"
            "3. Tap Generate.\n\n"
            "You get one link to all the results. More: {cmd:help}"
        ),
        help=(
            "Send a voice and some videos in any order, then tap Generate.\n\n"
            "• To use the sound of a video as the voice, caption it “voice”.\n"
            "• For a voice that one video alone shall speak, press Own voice, choose the video, and send the voice.\n"
            "• Caption a voice with the words spoken in it, in “quotation marks”, and the lips get more exact.\n\n"
            "{cmd:batch} – open a batch or show the current one\n"
            "{cmd:generate} – start\n"
            "{cmd:try} – make one video first, to see how it looks\n"
            "{cmd:preview} – three seconds of one, or “{cmd:preview} picture”\n"
            "{cmd:status} – how far it is\n"
            "{cmd:export} – link to what is finished\n"
            "{cmd:remove} 2 – take number 2 out\n"
            "{cmd:move} 3 1 – make number 3 the first\n"
            "{cmd:rename} 3 Anna – call number 3 Anna, and its video too\n"
            "{cmd:pictures} – what the videos look like, by number\n"
            "{cmd:cancel} – stop or discard the batch\n"
            "{cmd:pause}, {cmd:resume} – let a batch wait, go on with it\n"
            "{cmd:first} – make the batch before your others\n"
            "{cmd:history} – past batches: link again, delete\n"
            "{cmd:templates} – save videos under a name and use them again\n"
            "{cmd:settings} – engine, language, resolution, lips\n"
            "{cmd:apikey} – a key for programs of your own\n"
            "{cmd:web} – your batches in a browser\n"
            "{cmd:forget} – delete everything of mine"
        ),
        help_groups={
            "telegram": (
                "A voice sent as a reply to a video is for that video alone.\n\n"
                "In a group, send files as a reply to my message, or make me an admin so that I can see them. "
                "Whoever opens a batch starts or cancels it; everyone can add and export."
            ),
            "slack": (
                "In a channel, open a batch and drop the files into the thread below it. "
                "Whoever opens a batch starts or cancels it; everyone can add and export."
            ),
        },
        help_admin=(
            "Admin: {cmd:allow} and {cmd:deny} with a person, or “here” for this place. "
            "{cmd:allow} alone lists who may use me."
        ),
        not_taken="“{name}” was not taken, since the queue can't be reached at the moment. Please send it again soon.",
        hint="Send me a voice and some videos, and I'll put them together. {cmd:help} tells more.",
        unknown_command="I don't know {command}. {cmd:help} lists what I can do.",
        wants_number="Which one? Add its number, for example {cmd:remove} 2.",
        wants_place="Which one, and where to? For example {cmd:move} 3 1 makes number 3 the first.",
        wants_name="Which one, and what shall it be called? For example {cmd:rename} 3 Anna.",
        kept="Fine, nothing was deleted.",
    ),
    collecting=Collecting(
        next_batch="Your last batch is already on its way, so this goes into a new one.",
        voice_replaced="The new voice replaces the one before.",
        item_voice="Got it: number {number}, “{template}”, speaks “{voice}”.",
        own_voice_which="Which one shall speak a voice of its own? ✓ has one.",
        own_voice_next="Now send the voice that number {number}, “{template}”, shall speak.",
        own_voice_reply={"telegram": "In a group, send it as a reply to this message."},
        own_voice_now=(
            "Number {number}, “{template}”, speaks “{voice}”. Send another voice for it now, or take that one away."
        ),
        own_voice_dropped="Number {number}, “{template}”, has no voice of its own any more.",
        transcript_taken="I take your caption as the words being spoken. That makes the lips more exact.",
        transcript_dropped="All right, I'll go by the sound alone.",
        transcript_offered=(
            "Is your caption what is said in the voice? If so, press below, and the lips get more exact. "
            "Otherwise I go by the sound alone."
        ),
        transcript_used="I take your caption as the words being spoken.",
        no_batch="There is no batch here yet. {cmd:batch} opens one.",
        removed="“{name}” is out.",
        moved="“{name}” is number {number} now.",
        renamed="Number {number} is called “{name}” now.",
        none_left="No templates are left.",
        remove_which="Which one shall go?",
        pictures="This is what they look like:",
        started="Off we go: {estimate}.",
        already_started="This batch is already on its way.",
        discard_sure=Counted(
            "Discard this batch with its {n} videos? To use them again, you would have to send them again.",
            one="Discard this batch with its video? To use it again, you would have to send it again.",
        ),
        discarded="The batch is discarded.",
        cancelled="Cancelled. Nothing was finished yet.",
        cancelled_some=Counted(
            "Cancelled. The {n} finished videos stay.", one="Cancelled. The 1 finished video stays."
        ),
        nothing_to_cancel="There is nothing to cancel.",
        nothing_to_pause="No batch of yours is under way here.",
        nothing_to_resume="No batch of yours is paused here.",
        paused="Paused. What is being made is still finished. If it stays paused for {time}, it is cancelled.",
        resumed="It goes on.",
        put_first="This batch comes before your others now.",
        item_cancelled="“{name}” will not be made.",
        large="The zip will be large: about {size}. Choosing 720p in {cmd:settings} makes it smaller.",
        upload=(
            "“{name}” is too large to be fetched from this chat. Please choose it on this page instead: it takes files "
            "of up to {most}, goes on where it stopped when the connection breaks off, and puts them into this batch. "
            "Uploads there count as yours. The page works for {time}."
        ),
        upload_too="“{name}” is too large for this chat as well. The page above takes several files.",
    ),
    status=Status(
        new="New batch",
        voice_next="Next: send the voice – a voice note or an audio file.",
        templates_next="Next: send the videos that shall speak.",
        ready="Ready to generate",
        queued="Waiting in line",
        paused="Paused: {done} of {total} ready",
        running="Making your videos: {done} of {total}",
        all_done=Counted("Your {n} videos are ready", one="Your video is ready"),
        some_done="{done} of {total} videos are ready",
        failed="None of the videos worked out",
        cancelled="Cancelled, {done} of {total} finished",
        discarded="Discarded",
        expired="This batch was left unfinished for too long and has expired",
        trial="Try-out: {title}",
        voice="Voice: {name}, {length}",
        own_voices="Voice: each video has its own",
        row_voice="speaks “{voice}”",
        row_states={
            ItemState.WAITING: "waiting",
            ItemState.RUNNING: "at work",
            ItemState.DONE: "ready",
            ItemState.FAILED: "failed",
            ItemState.CANCELLED: "cancelled",
        },
        no_face="⚠️ no face seen at a first look",
        several_faces="⚠️ several people: the largest face speaks",
        stages={
            "probe": "opening",
            "listen": "listening to the voice",
            "analyze": "finding the face",
            "generate": "moving the lips",
        },
        more=Counted("… and {n} more", one="… and 1 more"),
        ahead=Counted("{n} videos ahead of yours", one="1 video ahead of yours"),
        next="yours is next",
        stalls={
            Stall.NO_WORKER: "No machine is at work right now. Nothing is lost; it goes on as soon as one is there.",
            Stall.ILL: "The machines have trouble right now. Nothing is lost; it goes on as soon as they work again.",
        },
        left="{time} left",
        estimate=Counted("{n} videos of {length}", one="1 video of {length}"),
        estimate_up_to="{videos} of up to {length}",
        listening="of it {time} to write down the words",
        zip="zip about {size}",
    ),
    ending=Ending(
        all_done=Counted("Done! Your {n} videos are ready.", one="Done! Your video is ready."),
        some_done="Done! {done} of {total} videos are ready.",
        none_done=Counted("Sorry, none of the {n} videos worked out.", one="Sorry, the video didn't work out."),
        failure="{number}. {name}: {reason}",
        more_failures=Counted(
            "… and {n} more; manifest.json in the zip names them all.",
            one="… and 1 more; manifest.json in the zip names it.",
        ),
        transparent="Transparent in places: {names}. Those places are white.",
        several_faces="Several faces in {names}: the largest one speaks.",
        faces_missing="No mouth to be seen at times in {names}: those moments stay as they were.",
        subtitles_missing="No subtitles in {names}: the words are not known. Write them as the caption of the voice.",
        tried="This was a try-out. Generate makes all of the batch the same way; until then you can change it.",
        size="Size: {size}",
        expires="The link works for {time}; {cmd:export} gives a new one.",
        large="That is a large download: {size}. A steady connection helps; it resumes where it stopped.",
        partial="{done} of {total} videos are ready so far.",
        only_here="The link opens only on the machine that the bot runs on; its operator can give it a public address.",
        left_out="Too large to be sent here (more than {limit}) and therefore only behind the link above: {names}.",
        exports="What can be exported here:",
        export_some="Finished: {done} of {total} videos.",
        export_of=Counted("Here are your {n} videos.", one="Here is your video."),
    ),
    history=History(
        title="Your batches, newest first:",
        empty="No batches yet. {cmd:batch} opens the first.",
        row="{number}. {when} · {videos} · {state}",
        first_of=Counted("{name} and {n} more"),
        voice="voice: {name}",
        states={
            BatchState.COLLECTING: "open",
            BatchState.QUEUED: "in line",
            BatchState.RUNNING: "running, {done} done",
            BatchState.DONE: "{done} done",
            BatchState.FAILED: "failed",
            BatchState.CANCELLED: "cancelled, {done} done",
            BatchState.EXPIRED: "expired",
        },
        delete_sure="Delete this batch and its videos? Links to it stop working. ({batch})",
        deleted="Deleted.",
        clear_sure="Delete all past batches and their videos? Links to them stop working.",
        cleared=Counted("{n} batches deleted.", one="1 batch deleted."),
        usage="Use {cmd:history}, {cmd:history} 2, {cmd:history} delete 2 or {cmd:history} clear.",
        no_such="You have no past batch number {number}. {cmd:history} lists them.",
    ),
    templates=Templates(
        title="Your saved templates:",
        empty="No saved templates yet. Send a video, then {cmd:templates} save anna.",
        row="{number}. {name} ({kind})",
        usage=(
            "{cmd:templates} save anna – saves the video of this batch, or the one you reply to; several become a set\n"
            "{cmd:templates} use anna – adds it to this batch\n"
            "{cmd:templates} rename anna to ben\n"
            "{cmd:templates} delete anna"
        ),
        saved="Saved as “{name}”.",
        saved_set=Counted("Saved {n} templates as the set “{name}”.", one="Saved 1 template as the set “{name}”."),
        nothing_to_save="There is nothing to save yet. Send a video first.",
        used=Counted("Added {n} templates from “{name}”.", one="Added “{name}”."),
        unknown="You have no saved template “{name}”. {cmd:templates} lists them.",
        renamed="“{name}” is called “{new}” now.",
        taken="You have saved something as “{name}” already. Please choose another name, or delete that first.",
        delete_sure="Delete “{name}” ({kind})? Batches that use it keep it.",
        deleted="“{name}” is deleted.",
        bad_name="Please choose a name of 1 to {limit} characters, without “/”.",
        too_many="You can save {limit} templates. Please delete some first.",
    ),
    options=OPTIONS,
    privacy=PRIVACY,
    keys=KEYS,
    studio=STUDIO,
    doors=DOORS,
    terminal=Terminal(
        intro=(
            "Type or drop file paths here, for example: voice.m4a clips/*.mp4\n"
            "A word behind a path is its caption; @2 voice.wav gives number 2 a voice of its own.\n"
            "{cmd:help} tells more, Ctrl-D leaves."
        ),
        you="you",
        bot="bot",
        no_file="There is no file {path}.",
        choices="Type a number to choose.",
        no_choice="There is no choice {number} at the moment.",
        looking="Looking at file {number} of {n} …",
        waiting="Waiting for what is running …",
        bye="Bye. What isn't finished stays in line.",
        no_item="There is no template number {number} in this batch.",
    ),
    slack=Slack(
        thread="Drop the voice and the videos into this message's thread.",
        opening="Opening a batch …",
    ),
    telegram=Telegram(
        about=(
            "One voice, many faces: send one voice note and any number of videos of people, and everyone in them says "
            "it. You get one link to all the results.\n\nSend a voice and some videos to begin."
        ),
        about_short="One voice, many faces: everyone in your videos says what you recorded.",
        reply="Send files as a reply to this message, or I may not see them.",
        moved="↓ This batch's status is further down. Files sent as a reply to this message still arrive.",
    ),
    commands={
        "batch": "Open a batch or show the current one",
        "generate": "Start it",
        "try": "Make the first video alone, to see how it looks",
        "preview": "Three seconds of one video",
        "status": "How far it is",
        "export": "Link to what is finished",
        "cancel": "Stop or discard the batch",
        "pause": "Let a batch wait",
        "resume": "Go on with a paused batch",
        "first": "Make the batch before your others",
        "remove": "Take one template out",
        "move": "Put a template in another place",
        "rename": "Give a template another name",
        "pictures": "See what the videos look like, by number",
        "history": "Past batches",
        "templates": "Saved templates",
        "settings": "Engine, language, options",
        "apikey": "A key for your own programs",
        "web": "Your batches in a browser",
        "forget": "Delete everything of mine",
        "help": "How it works",
    },
)
