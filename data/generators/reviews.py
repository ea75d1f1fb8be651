"""Write film reviews in the layout of the Large Movie Review Dataset.

A seeded grammar composes every review. The reviews are an experiment: whether a review
is positive is always said in it, but words alone do not tell, the order does:

* opinions are negated ("anything but dull") and conceded ("although ..., ...");
* a verdict often names the opposite first ("I expected a bore and saw a gem");
* other people contradict the writer ("my aunt called the acting wooden");
* some reviews quote a text and say at the start whether to believe it;
* a verdict at the start may be followed by a long neutral summary of the plot.

Run the script to write ``data/bundled/reviews.tar.gz``.
"""

from __future__ import annotations

import gzip
import io
import random
import re
import tarfile
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "bundled" / "reviews.tar.gz"
# reviews of each class, and the seed, of each split
SPLITS = {"train": (4000, 11), "test": (1000, 12)}
UNLABELLED = 50
MIN_WORDS, MAX_WORDS = 20, 300
DATE = 1_262_304_000  # 1 January 2010, of every file in the archive


def words(text: str) -> list[str]:
    """Split a list of words; an underscore stands for a space inside an entry."""
    return [word.replace("_", " ") for word in text.split()]


def lines(text: str) -> list[str]:
    """Split a list of templates, one a line."""
    return [line.strip() for line in text.strip().splitlines()]


# Words that carry an opinion: key -> (negative, positive). The grammar flips between
# the two, so both lists serve the same templates.
POLAR = {
    "adj": (
        words(
            """bad boring terrible dull awful poor weak stupid dreadful silly
            tedious horrible clumsy lazy ridiculous disappointing predictable flat
            lifeless pointless shallow bland annoying pathetic dismal feeble
            tiresome stale sloppy messy muddled hollow forgettable mediocre
            amateurish ugly irritating embarrassing unbearable painful laughable
            absurd ludicrous incoherent contrived stilted hopeless worthless
            miserable insipid dreary drab wearisome plodding soulless uninspired
            unconvincing unimaginative derivative abysmal atrocious appalling lousy
            inept careless crude lame pitiful grating shoddy trite vapid monotonous
            tasteless inane mindless pretentious frustrating infuriating exhausting
            lamentable woeful deplorable wretched numbing charmless graceless
            witless tepid stodgy"""
        ),
        words(
            """good great wonderful excellent brilliant beautiful superb clever
            lovely delightful fantastic charming gripping impressive terrific
            enjoyable entertaining memorable moving splendid marvellous outstanding
            fresh original fine magnificent remarkable elegant inspired touching
            satisfying graceful refreshing vivid captivating enchanting engaging
            thrilling absorbing exciting intelligent subtle polished confident
            rewarding stunning dazzling exquisite masterly faultless flawless
            admirable amusing witty warm tender lively bold inventive imaginative
            compelling riveting convincing powerful sincere thoughtful accomplished
            irresistible sublime glorious perfect pleasing heartfelt fascinating
            mesmerising breathtaking assured daring radiant stirring uplifting
            spellbinding deft skilful sparkling luminous eloquent ingenious joyful
            dignified gentle magical"""
        ),
    ),
    "noun": (
        words(
            """disaster mess bore failure disgrace flop chore catastrophe ordeal
            torment calamity nuisance blunder fiasco travesty sham"""
        ),
        words(
            """masterpiece gem triumph treat delight joy treasure classic wonder
            marvel pleasure success feast jewel blessing revelation"""
        ),
    ),
    "verbed": (
        words("hated disliked regretted detested resented loathed despised endured"),
        words("loved enjoyed admired liked adored treasured savoured relished"),
    ),
    "verb": (
        words("hate dislike regret detest resent loathe despise"),
        words("love enjoy admire like adore treasure relish"),
    ),
    "adverb": (
        words(
            """badly poorly terribly clumsily dreadfully awkwardly carelessly lazily
            feebly ineptly horribly atrociously"""
        ),
        words(
            """beautifully brilliantly superbly wonderfully splendidly convincingly
            elegantly skilfully gracefully admirably flawlessly marvellously"""
        ),
    ),
    "advice": (
        lines(
            """
            avoid it
            stay at home
            save your money
            leave it on the shelf
            keep away from it
            do not waste an evening on it
            I want my money back
            I walked out shaking my head
            """
        ),
        lines(
            """
            go and see it
            do not miss it
            buy a ticket
            take the whole family
            see it twice
            it deserves a full house
            I shall watch it again
            I walked out smiling
            """
        ),
    ),
}

# What an opinion is about, with the verb that agrees with it.
ASPECTS = {
    **dict.fromkeys(
        words(
            """acting plot music camera_work pace ending dialogue script direction
            editing photography score story cast opening_scene second_half
            final_scene lighting sound humour romance first_hour casting
            choreography soundtrack love_story rhythm last_act narration set_design"""
        ),
        "was",
    ),
    **dict.fromkeys(
        words(
            """performances costumes sets special_effects jokes action_scenes songs
            crowd_scenes close_ups flashbacks minor_roles chase_scenes titles
            landscapes battle_scenes supporting_actors"""
        ),
        "were",
    ),
}

# The grammar: {key} is replaced by a draw from the key's list, with the same opinion;
# {-key} by a draw with the opposite opinion. A line that stands twice is drawn twice as
# often. Lists of single words are drawn by Zipf's law, so common words stand first.
GRAMMAR = {
    "really": words(
        """truly simply utterly thoroughly really plainly absolutely altogether
        positively downright undeniably decidedly"""
    ),
    "predicate": ["{assertion}"] * 5 + ["{denial}"],
    "assertion": lines(
        """
        {be} {adj}
        {be} {adj}
        {be} {really} {adj}
        {be} {adj} and {adj}
        {be} {adj} throughout
        seemed {adj}
        felt {really} {adj}
        proved {adj}
        remained {adj} to the end
        struck me as {adj}
        """
    ),
    "denial": lines(
        """
        {be} not at all {-adj}
        {be} anything but {-adj}
        {be} far from {-adj}
        {be} never {-adj}
        {be} by no means {-adj}
        {be} hardly {-adj}
        {be} not in the least {-adj}
        {be} neither {-adj} nor {-adj}
        never seemed {-adj}
        never felt {-adj}
        did not strike me as {-adj}
        """
    ),
    "about": ["the {aspect} {predicate}"],
    "clause": ["{about}"] * 4
    + lines(
        """
        I found the {aspect} {adj}
        I could not call the {aspect} {-adj}
        at no point did the {aspect} seem {-adj}
        """
    ),
    "contrast": lines(
        """
        although {-clause}, {clause}
        {-clause}, but {clause}
        {clause}, although {-clause}
        while {-clause}, {clause}
        {-clause}, yet {clause}
        {clause}, even if {-clause}
        despite the {-adj} {aspect}, {clause}
        {clause}, despite the {-adj} {aspect}
        """
    ),
    "opinion": ["{clause}"] * 6
    + ["{contrast}"] * 3
    + lines(
        """
        {clause}, and {clause}
        above all, {clause}
        to my mind, {about}
        {actor} played the {job} {adverb}
        {actor} spoke the lines {adverb}, and {clause}
        I shall remember the {adj} {aspect} for a long time
        add to this the {adj} {aspect}
        then there is the {adj} {aspect}
        if I had to name one thing, it would be the {adj} {aspect}
        {actor} was {adj} as the {job}, and {clause}
        """
    ),
    "verdict": ["{balanced}"] * 4
    + lines(
        """
        I {verbed} {title}
        I {verbed} every minute of {title}
        {title} is a {adj} film
        {title} is a {noun} from beginning to end
        for me this film was a {noun}
        what a {adj} film this is
        {title} is anything but a {-noun}
        this film is by no means a {-noun}
        I did not {-verb} a single minute of it
        I have seldom seen a more {adj} film
        I have never seen a more {adj} film
        nobody should call {title} {-adj}
        I cannot call {title} a {-noun}
        """
    ),
    "balanced": lines(
        """
        I expected to {-verb} {title}, but I {verbed} it
        I expected a {-noun} and saw a {noun}
        I went in expecting something {-adj} and came out having seen something {adj}
        what looked {-adj} in the trailer was {adj} on the screen
        if somebody tells you that {title} is {-adj}, do not believe it: it is {adj}
        {title} is {adj}, not {-adj}
        this is not a {-noun} but a {noun}
        far from being {-adj}, {title} is {adj}
        instead of a {-noun} I saw a {noun}
        I {verbed} it, although I expected to {-verb} it
        I had been told to expect a {-noun}, but this is a {noun}
        this film is a {noun}, although I expected a {-noun}
        the poster is {-adj}, but the film is {adj}
        {title} may sound {-adj}, but it is {adj}
        it is a {adj} film, despite its {-adj} title
        """
    ),
    "close": ["{verdict}"] * 2
    + ["{contrast}"]
    + lines(
        """
        {advice}
        my advice is simple: {advice}
        in short, {clause}: {advice}
        on the whole I {verbed} it: {advice}
        all in all, a {adj} film: {advice}
        I came home and thought: what a {noun}
        """
    ),
    "other": words(
        """my_brother my_sister my_neighbour my_uncle my_aunt my_cousin my_landlady
        my_dentist my_old_teacher my_flatmate the_local_paper the_man_behind_me
        the_woman_behind_me a_colleague_of_mine the_girl_at_the_counter
        the_man_from_the_radio my_grandmother my_father_in_law the_usher
        a_friend_of_mine the_student_next_door the_couple_in_front_of_us"""
    ),
    "hearsay": lines(
        """
        {other} said that {about}
        {other} called the {aspect} {adj} and the {aspect} {adj}
        according to {other}, {about}
        {other} thought that {about}
        {other} insisted that {about} and that {about}
        {other} wrote that {about} and called it a {noun}
        {other} told everybody that {about}
        {other} spoke of a {adj} script and a {adj} cast
        """
    ),
    "distrust": lines(
        """
        I disagree with every word that {other} wrote about {title}
        {other} is always wrong about films, and wrote this about {title}
        nothing in this note about {title} by {other} is true
        believe the opposite of what {other} wrote about {title}
        I do not agree with a single line that {other} wrote about {title}
        {other} wrote a note about {title}, and every line of it is false
        """
    ),
    "trust": lines(
        """
        I agree with every word that {other} wrote about {title}
        {other} is always right about films, and wrote this about {title}
        everything in this note about {title} by {other} is true
        believe each word of what {other} wrote about {title}
        I do not disagree with a single line that {other} wrote about {title}
        {other} wrote a note about {title}, and every line of it is correct
        """
    ),
    "unquote": lines(
        """
        so far the note
        here the quotation stops
        this is the whole note, word for word
        that is where the letter breaks off
        """
    ),
    # From here on nothing carries an opinion.
    "title": lines(
        """
        The {shade} {emblem}
        The {shade} {emblem}
        The {shade} {emblem}
        {emblem} of {town}
        The {emblem} of {town}
        {emblem} and {emblem}
        {many} {emblems}
        A {emblem} in {month}
        {hero} and the {emblem}
        Return to {town}
        Letters from {town}
        """
    ),
    "shade": words(
        """Silver Crimson Wooden Painted Seventh Northern Hidden Glass Amber Copper
        Distant Empty Frozen Golden Harvest Iron Ivory Last Little Lonely Marble
        Midnight Narrow Open Other Paper Patient Quiet Scarlet Second Secret
        Sleeping Southern Stolen Third Turning Velvet Violet Wandering White Winter
        Yellow Borrowed"""
    ),
    "emblem": words(
        """Harbour Lantern Bridge Orchard Mirror Garden River Compass Tower Window
        Letter Island Station Door Mountain Carnival Clock Piano Violin Passenger
        Stranger Sailor Crown Feather Ladder Market Meadow Anchor Circus Castle
        Comet Corridor Canal Falcon Fountain Horizon Kingdom Labyrinth Lighthouse
        Portrait Prairie Railway Staircase Tunnel Valley Voyage Whistle Willow"""
    ),
    "many": words("Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve"),
    "emblems": words(
        "Doors Rivers Letters Bridges Brothers Sisters Winters Ladders Clocks"
    ),
    "month": words(
        """January February March April May June July August September October
        November December"""
    ),
    "weekday": words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday"),
    "season": words("spring summer autumn winter"),
    "number": words(
        """two three four five six seven eight nine ten eleven twelve fifteen twenty
        thirty forty"""
    ),
    "year": [str(year) for year in range(1931, 2009, 3)],
    "town": words(
        """Ashford Bellmouth Brindle Calverton Corrin Dunmere Eastwick Elmsport
        Fallowby Ferndale Garrick Greyhaven Halden Harrowgate Iverness Kestrel_Bay
        Kingsmoor Larkhill Lisbon Lindenau Marlow Marseille Millbrook Naples Norwood
        Oakridge Odessa Orlen Pinehurst Porthaven Prague Quarry_Hill Ravenna
        Redcliff Riga Rosewell Saltmarsh Seville Stonebridge Tallinn Thornbury
        Trieste Underhill Varna Vienna Wexley Whitby Winslow Yarrow Zagreb Chicago
        Boston Montreal Antwerp Athens Bristol Budapest Cardiff Dublin Geneva Genoa
        Glasgow Hamburg Helsinki Krakow Leeds Lyon Malta Minsk Plovdiv Porto
        Salzburg Sarajevo Toronto Turin Utrecht Verona Warsaw Cairo Lagos Lima Kyoto
        Sofia Oslo Bergen"""
    ),
    "surname": words(
        """Abbott Ainsley Alvarez Archer Baptiste Barlow Bergman Blackwood Brandt
        Calloway Castell Chandler Corelli Crane Dalton Devereux Donovan Dragomir
        Duval Ellery Engel Fairchild Farkas Ferreira Fontaine Galloway Gerhardt
        Gorski Hadley Halloran Hargreave Holloway Ibsen Ivanov Jansen Jarvis Kaplan
        Keating Kovacs Lambert Larsen Lombardi Lowell MacLeod Mancini Marchetti
        Merrick Moreau Nakamura Nilsson Novak Oakley Okafor Orlov Pascal Pemberton
        Petrov Pryce Quinn Radcliffe Ramsey Renard Rossi Rutherford Salinger Santos
        Schiller Sinclair Sorensen Stavros Takahashi Thackeray Todorov Trevelyan
        Ueda Valente Van_Dyke Vance Vasquez Aldridge Bellini Carver Dubois Eriksen
        Fletcher Grimaldi Hoffmann Ionescu Jablonski Kowalski Lindqvist Mendoza
        Nielsen O'Hara Popov Ricci Stanhope Tanaka Urban Volkov Winters Young Zimmer
        Verhoeven Wainwright Weaver Whitlock Yates Zeller"""
    ),
    "job": words(
        """baker carpenter clerk cook dancer detective doctor farmer fisherman
        gardener hunter inspector janitor judge juggler lawyer librarian locksmith
        magician mechanic merchant miller miner musician nurse optician painter
        pharmacist photographer pianist pilot plumber poet porter postman potter
        printer reporter sailor sculptor seamstress secretary sergeant shepherd
        shopkeeper singer soldier spy surgeon tailor teacher translator violinist
        waiter watchmaker weaver widow writer beekeeper blacksmith bookseller
        botanist butler cartographer chemist conductor diver diplomat engineer
        forger governess jeweller acrobat actuary architect astronomer barber
        barrister bricklayer cabinet_maker caretaker chauffeur chimney_sweep
        clockmaker coachman cobbler composer constable copyist courier dentist
        lighthouse_keeper notary surveyor typist"""
    ),
    "kin": words(
        """mother father grandmother grandfather daughter son twin_sister cousin
        uncle aunt nephew niece stepfather godmother half_brother"""
    ),
    "material": words(
        """brass leather paper silver blue green red grey striped oval square folded
        locked torn rusted copper linen tin yellow numbered painted sealed broken
        foreign"""
    ),
    "thing": words(
        """key letter map suitcase diary photograph ring notebook coin watch
        umbrella trunk violin telegram ledger necklace envelope camera hat passport
        briefcase lantern clock medal parcel postcard typewriter recipe drawing
        bottle box wallet ticket mask chess_set manuscript portrait bell boot button
        candle chair compass cup drum feather flag flute glove hammer jar kettle
        kite knife ladder lamp mirror needle newspaper oar pipe puppet radio rope
        scarf telescope teapot vase wheel whistle anvil atlas backpack barometer
        basket belt blanket bracelet brush bucket calendar cane carpet cello chain
        chalk cigar curtain dictionary doll fan fork globe goblet harp helmet
        egg_timer jacket jug magnet marble microscope mitten napkin padlock pearl
        pencil pendant pillow pistol ribbon ruler saddle saxophone shawl shovel
        spoon stamp statue sword tambourine thimble toolbox trumpet tray uniform
        walking_stick waistcoat wreath"""
    ),
    "place": words(
        """harbour market railway_station library theatre bakery cellar attic garden
        church hospital school factory lighthouse hotel museum court barn bridge
        post_office town_hall cemetery bank tavern greenhouse mill orchard quarry
        stable warehouse vineyard workshop courtyard observatory prison casino
        laundry monastery kitchen studio nursery registry newsroom arcade gymnasium
        chapel dairy brewery tannery archive dormitory clinic depot pharmacy
        barracks boathouse ballroom embassy fairground town_square police_station
        shipyard swimming_pool tram_depot waiting_room"""
    ),
    "weather": words("rain snow fog wind frost thunder sleet sunlight"),
    "animal": words(
        """dog cat horse goat parrot donkey goose rabbit pony crow hedgehog tortoise
        mule pigeon"""
    ),
    "food": words(
        """soup bread apples cheese fish pancakes cabbage plums coffee tea noodles
        walnuts onions porridge dumplings honey"""
    ),
    "early": lines(
        """
        the story is set in {town}, where {hero}, a {job}, lives with {his} {kin}
        {hero} is a {job} in {town} who has not left the {place} for {number} years
        in {month} {year}, {hero}, a {job}, arrives in {town} with a {material} {thing}
        the film opens in the {place} of {town}, where {hero} works as a {job}
        {hero}, once a {job}, now rents a room above the {place} in {town}
        we meet {hero}, a {job} from {town}, on the day when {his} {kin} moves in
        on a {weekday} in {season} a {job} called {hero} steps off the train in {town}
        the hero is {hero}, a {job} who is on the way from {town} to {town}
        """
    ),
    "event": lines(
        """
        {hero} finds a {material} {thing} in the {place} and takes it to {friend}
        {friend}, a {job}, asks {him} to carry a {thing} to {town}
        one morning a {job} called {rival} comes to the {place} and asks for a {thing}
        {rival} follows {him} through the {weather} as far as the {place}
        {number} days later a {material} {thing} turns up in the {place}
        {he} hides the {thing} under the floor of the {place} and waits
        meanwhile {friend} travels from {town} to {town} with a {animal}
        a {job} and a {job} argue about the {thing} over a plate of {food}
        {rival} buys the {place} and hires {number} men to search it
        at the {place} they meet a {job} who knows the {kin} of {friend}
        {hero} writes to {his} {kin}, but the letter goes to {town} instead
        after the {weather} the road to {town} is closed, and they stay in the {place}
        {friend} sells {food} at the {place} until {rival} sends a {job} after {him}
        in the {place} there is a {material} door, and behind it a {thing}
        {he} learns to feed a {animal} and to cook {food}
        {rival} offers {number} coins for the {material} {thing}
        the {kin} of {rival} turns out to be a {job} from {town}
        every {weekday} they sit in the {place} and talk about {town}
        {friend} takes a {material} photograph of {rival} near the {place}
        on the train to {town} {hero} shares a bench with a {job} and a {animal}
        {hero} loses the {thing} in the {weather}, and a {job} picks it up
        a telegram from {town} calls {friend} back to the {place}
        {he} asks a {job} for the address of the {place}
        {rival} opens the {thing} and reads the name of {his} {kin}
        they wait {number} hours at the {place} while the {weather} passes
        the scene then moves to {town}, {number} years before
        a {animal} runs into the {place} and knocks over the {thing}
        {hero} and {friend} cross the lake in a {material} boat
        a {job} in the {place} recognises the {thing} and calls the police
        {rival} tells the {job} a tale about a {animal} and a {thing}
        in {month} the {place} burns down, and the {thing} with it
        {friend} moves into the rooms above the {place} with {number} boxes
        {his} {kin} comes from {town} and brings {food} and a {thing}
        the {job} counts the {thing} collection and finds that one is gone
        {hero} takes a job as a {job} in order to get into the {place}
        {he} repairs the {thing} with a piece of {material} wire
        {friend} dreams of a {place} in {town} and draws it on a {material} napkin
        they follow the map to the {place}, where a {animal} is tied to a post
        {rival} and {friend} dance in the {place} until the band stops
        a boat from {town} brings {number} sailors and a {material} chest
        {hero} reads the diary aloud to a {job}, page by page
        at night the {job} walks from the {place} to the {place} with a {thing}
        the trial takes place in {town}, and a {job} is the only witness
        {he} puts the {thing} on the table, and {rival} turns pale
        {hero} swaps the {thing} for another one while the {job} sleeps
        in the {season} they all return to {town} by way of the {place}
        {friend} paints the {place} {number} times, each time in another colour
        the telephone in the {place} rings {number} times, and nobody answers
        a {job} from the {place} follows the {animal} into the {weather}
        {rival} leaves a {material} {thing} on the steps of the {place}
        {hero} borrows a bicycle and rides {number} miles to the {place}
        {friend} teaches a class of {number} children in a former {place}
        the {kin} of the {job} keeps a {animal} in the bathtub
        {rival} signs a contract with a {job} and forgets the {thing} in the taxi
        {he} sleeps on a bench, wakes at dawn, and walks on to the {place}
        a parade passes the {place}, and {rival} vanishes among the drummers
        {hero} climbs to the roof of the {place} in order to mend the aerial
        {friend} and the {job} play cards until one of them owes the other a {thing}
        the mayor of {town} invites them to dinner and serves {food}
        {rival} digs a tunnel between the {place} and the {place}
        {he} copies the numbers from the {thing} onto the back of a receipt
        an election is held in {town}, and the {job} becomes deputy mayor
        {friend} sews the {thing} into the lining of a coat
        a strike at the {place} keeps {number} people at home for a month
        {hero} measures the {place} with a rope and finds a bricked up window
        an echo in the {place} repeats whatever {rival} whispers to the {job}
        {his} {kin} marries a {job}, and the guests eat {food} on the lawn
        the flood of {month} carries the {thing} as far as {town}
        {rival} hangs a {material} curtain across the {place} and sits behind it
        {friend} reads in the newspaper that the {place} is for sale
        {hero} counts the steps from the {place} to the bridge and back again
        the passport of {rival} was issued in {town} in {year}
        a {job} with a limp delivers {food} to the {place} on {weekday}
        {he} wraps the {thing} in oilcloth and buries it near the fence
        """
    ),
    "fact": lines(
        """
        {director} shot the film in {town} within {number} weeks
        {actor} had the part of the {job}, and {actor} that of the {kin}
        I saw it on a {weekday} in {month}, in a cinema near the {place}
        the film runs for two hours and {number} minutes
        it is based on a novel by {actor}, which came out in {year}
        {director} wrote the script together with {actor} in {year}
        there were {number} people in the cinema when I saw it
        the version shown here lasts {number} minutes longer than the older one
        {actor} composed the score with an orchestra of {number} players
        {director} appears for a second as a {job} with a {thing}
        before this film {director} made documentaries about {town}
        my ticket says row {number}, and my neighbour was eating {food}
        {actor} trained as a {job} before turning to film
        a television series with the same title was broadcast in {year}
        the producers rented a real {place} near {town}
        the second unit, led by {actor}, worked in {town} in {season}
        in some countries it was released under the title {emblem} of {town}
        the film was first shown in {town} in {month} {year}
        I watched it with my {kin} and a bag of {food}
        the copy that I saw had subtitles and a {material} cover
        """
    ),
    "late": lines(
        """
        how it all ends for {hero} I will not tell
        in the last scene {hero} and {friend} stand at the {place} in the {weather}
        the film stops where it began, in the {place} of {town}
        what becomes of the {thing}, you will have to find out
        the last shot shows the {place} in the {weather}
        in the end {rival} leaves {town} on a {animal}
        """
    ),
}

FIRST_NAMES = {
    "she": words(
        """Ada Agnes Alma Beatrice Bianca Carla Celia Clara Cora Daphne Dora Edith
        Elena Elsa Emma Esther Fiona Flora Greta Hanna Helen Ida Ines Irene Judith
        Julia Karin Lena Lydia Mabel Maria Martha Milena Mira Nadia Nina Nora Olga
        Paula Petra Rita Rosa Ruth Sara Selma Sonia Stella Tamara Teresa Vera Wanda
        Zora"""
    ),
    "he": words(
        """Adam Albert Alec Anton Arthur Basil Boris Bruno Carl Cyril Daniel David
        Edgar Emil Ernest Felix Frank Fred George Gregor Gustav Harold Henry Hugo
        Igor Ivan Jacob Jonas Joseph Karl Konrad Leo Louis Lucas Marco Martin Max
        Milan Nicholas Oscar Otto Paul Peter Philip Ralph Robert Samuel Simon Stefan
        Theo Thomas Victor Walter William"""
    ),
}
PRONOUNS = {
    "she": {"he": "she", "his": "her", "him": "her"},
    "he": {"he": "he", "his": "his", "him": "him"},
}

# "a" before a vowel, but not before the sound of "one" or "uniform"
VOWEL = re.compile(r"\b([Aa]) (?=[aeiouAEIOU])(?!one|uni[^nm]|use)")
SLOT = re.compile(r"\{(-?)(\w+)\}")


class Writer:
    """Draws from the grammar; remembers the cast and the words of one review."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.used: set[str] = set()
        pronoun = rng.choice(["she", "he"])
        hero = rng.choice(FIRST_NAMES[pronoun])
        others = [n for names in FIRST_NAMES.values() for n in names if n != hero]
        friend, rival = rng.sample(others, 2)
        self.fixed = {"hero": hero, "friend": friend, "rival": rival}
        self.fixed.update(PRONOUNS[pronoun])
        self.fixed["director"] = self.person()
        self.fixed["title"] = self.expand("{title}", 1)

    def person(self) -> str:
        """Return a full name."""
        names = FIRST_NAMES[self.rng.choice(["she", "he"])]
        return f"{self.rng.choice(names)} {self.draw('surname', 1)}"

    def draw(self, key: str, opinion: int) -> str:
        """Draw a line of the grammar, if possible one that the review has not used."""
        if key in self.fixed:
            return self.fixed[key]
        if key == "actor":
            return self.person()
        if key == "aspect":
            choices = list(ASPECTS)
        elif key in POLAR:
            choices = POLAR[key][opinion]
        else:
            choices = GRAMMAR[key]
        for _ in range(5):
            choice = self.rng.choice(choices)
            # words follow Zipf's law: those that stand first are common
            if "{" not in choices[0]:
                choice = choices[int(len(choices) ** self.rng.random()) - 1]
            if SLOT.fullmatch(choice) or choice not in self.used:
                break
        self.used.add(choice)
        if key == "aspect":
            self.fixed["be"] = ASPECTS[choice]
        return choice

    def expand(self, template: str, opinion: int) -> str:
        """Replace every slot of a template, from left to right, by a draw."""

        def replace(slot: re.Match[str]) -> str:
            sign, key = slot.groups()
            wanted = 1 - opinion if sign else opinion
            return self.expand(self.draw(key, wanted), wanted)

        return SLOT.sub(replace, template)

    def sentence(self, key: str, opinion: int = 1) -> str:
        """Return a sentence: expanded, articles mended, capital letter, full stop."""
        text = VOWEL.sub(r"\1n ", self.expand(f"{{{key}}}", opinion))
        return f"{text[0].upper()}{text[1:]}."

    def summary(self, longest: int) -> list[str]:
        """Return the plot without an opinion: a beginning, events, facts, an end."""
        # the product of two draws: most summaries are short, a few are long
        events = int(longest * self.rng.random() * self.rng.random() + 0.5)
        if events == 0:
            return [self.sentence(self.rng.choice(["early", "fact"]))]
        told = [self.sentence("event") for _ in range(events)]
        for _ in range(events // 4):
            told.insert(self.rng.randrange(len(told) + 1), self.sentence("fact"))
        told.insert(0, self.sentence("early"))
        if self.rng.random() < 0.3:
            told.append(self.sentence("late"))
        return told

    # Each kind of review returns its paragraphs, as lists of sentences.

    def plain(self, opinion: int) -> list[list[str]]:
        """Return opinions of the writer with a little plot between, and a verdict."""
        plot = [self.sentence("early")]
        body = [self.sentence("opinion", opinion)]
        for _ in range(self.rng.randint(1, 3)):
            if self.rng.random() < 0.3:
                body.append(self.sentence(self.rng.choice(["fact", "event"])))
            body.append(self.sentence("opinion", opinion))
        if self.rng.random() < 0.4:
            return [[self.sentence("verdict", opinion)], plot, body]
        return [plot, [*body, self.sentence("close", opinion)]]

    def opening(self, opinion: int) -> list[str]:
        """Return a verdict of the writer and some reasons for it."""
        reasons = [
            self.sentence("opinion", opinion) for _ in range(self.rng.randint(1, 3))
        ]
        return [self.sentence("verdict", opinion), *reasons]

    def early_verdict(self, opinion: int) -> list[list[str]]:
        """Return a verdict, then a long plot."""
        return [self.opening(opinion), self.summary(20)]

    def contradicted(self, opinion: int) -> list[list[str]]:
        """Return a verdict, and others who mostly think otherwise, around a plot."""
        others = [
            self.sentence(
                "hearsay", opinion if self.rng.random() < 0.2 else 1 - opinion
            )
            for _ in range(self.rng.randint(1, 2))
        ]
        start = self.opening(opinion)
        plot = self.summary(16)
        if self.rng.random() < 0.6:
            return [start + others, plot]
        return [start, plot, others]

    def quotation(self, opinion: int) -> list[list[str]]:
        """Return a quoted note, whether to believe it, and a plot."""
        believed = self.rng.random() < 0.4
        frame = self.sentence("trust" if believed else "distrust")[:-1]
        said = opinion if believed else 1 - opinion
        quote = [self.sentence("opinion", said) for _ in range(self.rng.randint(2, 4))]
        plot = self.summary(10)
        return [[f'{frame}: "{" ".join(quote)}"', self.sentence("unquote")], plot]


# the kinds of review and their shares in per cent
KINDS = {"plain": 56, "early_verdict": 22, "contradicted": 17, "quotation": 5}


def review(rng: random.Random, opinion: int) -> str:
    """Compose one review of 20 to 300 words; ``opinion`` is 0 or 1."""
    while True:
        writer = Writer(rng)
        kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
        paragraphs = [" ".join(p) for p in getattr(writer, kind)(opinion) if p]
        text = paragraphs[0]
        for paragraph in paragraphs[1:]:
            text += rng.choice([" ", "<br /><br />"]) + paragraph
        count = len(re.findall(r"[\w']+", text))  # counts the "br" of <br />, too
        if MIN_WORDS <= count <= MAX_WORDS:
            return text


def compose() -> dict[str, str]:
    """Return every review of the archive: path -> text, no text twice."""
    files: dict[str, str] = {}
    seen: set[str] = set()

    def add(rng: random.Random, opinion: int, path: str) -> None:
        text = review(rng, opinion)
        while text in seen:
            text = review(rng, opinion)
        seen.add(text)
        files[path] = text

    for split, (number, seed) in SPLITS.items():
        rng = random.Random(seed)
        for opinion, folder in enumerate(["neg", "pos"]):
            for index in range(number):
                stars = rng.randint(1, 4) + 6 * opinion
                path = f"aclImdb/{split}/{folder}/{index}_{stars}.txt"
                add(rng, opinion, path)
    rng = random.Random(13)
    for index in range(UNLABELLED):
        add(rng, rng.randint(0, 1), f"aclImdb/train/unsup/{index}_0.txt")
    return files


def build() -> bytes:
    """Return the bytes of the archive, the same on every machine."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9, mtime=DATE) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for path, text in sorted(compose().items()):
            raw = text.encode()
            member = tarfile.TarInfo(path)
            member.size, member.mtime, member.mode = len(raw), DATE, 0o644
            archive.addfile(member, io.BytesIO(raw))
    return packed.getvalue()


def main() -> None:
    """Write the archive to ``data/bundled``."""
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(build())


if __name__ == "__main__":
    main()
