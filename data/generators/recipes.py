"""Recipes from a seeded grammar, in the format of full_format_recipes.json.

`GRAMMAR` lists tables of ingredients, wordings that many dishes share, and kinds of
dish, each with the ingredients it picks and the titles and steps it is written with.

- ``A / B / 3 x C`` is a list to pick from, in which C counts three times; a name in
  capitals stands for the list of that name.
- ``pick fruit fruits: apple = apples / fig = figs`` fills the slots ``{fruit}`` and
  ``{fruits}``; ``pick veg (2): ...`` fills ``{veg}`` and ``{veg2}`` with two different
  ones. Where one slot is named, a second value is the line in the list of ingredients:
  ``{veg_line}``, ``{veg_line2}``.
- ``[a|b|]`` is one of several wordings, the last one here being none.
- ``<8-12>`` is a whole number from 8 to 12, ``<20-40>`` one of 20, 25, …, 40.

`add_flaws` then puts in what is wrong with the real file.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from datetime import datetime, timedelta
from pathlib import Path

OUTPUT = Path(__file__).resolve().parent.parent / "bundled" / "recipes.json.gz"
SEED = 3
N_RECIPES = 1750

GRAMMAR = """
HERBS: thyme / rosemary / sage / parsley / basil / cilantro / dill / mint / oregano
    / tarragon / marjoram
NUTS: walnuts / pecans / almonds / hazelnuts / pistachios / pine nuts
OILS: 3 x olive oil / vegetable oil / canola oil
ROOTS: carrots = <1-2> pounds carrots, peeled and cut into 1-inch pieces / parsnips
    = 1 pound parsnips, peeled and cut into 1-inch pieces / potatoes = <1-2> pounds
    small potatoes, halved / beets = <4-6> medium beets, peeled and cut into wedges
    / turnips = 1 pound turnips, peeled and cut into wedges / sweet potatoes = 2
    large sweet potatoes, peeled and cubed / butternut squash = 1 butternut squash,
    peeled and cubed
GREENS_TO_ROAST: cauliflower = 1 head cauliflower, cut into florets / Brussels
    sprouts = 1 pound Brussels sprouts, halved / red onions = 2 red onions, cut into
    thick wedges / fennel = 2 fennel bulbs, trimmed and sliced / zucchini = <2-3>
    zucchini, cut into thick rounds / red bell peppers = 2 red bell peppers, cut
    into strips / eggplant = 1 eggplant, cut into 1-inch cubes / asparagus = 1 bunch
    asparagus, trimmed / mushrooms = 1 pound mushrooms, quartered / leeks = 3 leeks,
    white parts only, sliced
SOUP_VEGETABLES: carrot = <5-8> carrots, peeled and sliced / potato = <3-4> russet
    potatoes, peeled and diced / tomato = 2 pounds ripe tomatoes, chopped /
    butternut squash = 1 butternut squash, peeled and diced / cauliflower = 1 head
    cauliflower, chopped / broccoli = 2 heads broccoli, chopped / mushroom = 1 1/2
    pounds mushrooms, sliced / pumpkin = 3 cups pumpkin, peeled and diced / celery
    root = 2 celery roots, peeled and diced / pea = 4 cups fresh or frozen peas /
    corn = 6 ears corn, kernels cut from cobs / beet = 6 beets, peeled and diced
BEANS: lentils / white beans / chickpeas / black beans / kidney beans
CHEESES: Parmesan / goat cheese / feta / Gruyère / cheddar / blue cheese
MELTING: Gruyère / cheddar / fontina / mozzarella / Swiss cheese
LETTUCES: arugula / spinach / romaine / watercress / frisée / kale
BERRIES: strawberry = strawberries / raspberry = raspberries / blueberry =
    blueberries / blackberry = blackberries / cherry = cherries / cranberry =
    cranberries
ORCHARD: apple = apples / pear = pears / peach = peaches / plum = plums / apricot =
    apricots / fig = figs
FLAVORS: 8 x chocolate = melted chocolate = 8 ounces bittersweet chocolate, chopped
    / 2 x vanilla = vanilla = 1 vanilla bean, split lengthwise / strawberry =
    crushed strawberries = 2 cups strawberries, hulled / raspberry = raspberry purée
    = 2 cups fresh or frozen raspberries / peach = peach purée = 4 ripe peaches,
    peeled and chopped / coffee = espresso = 2 tablespoons instant espresso powder /
    caramel = warm caramel = [1/2|3/4] cup caramel sauce / ginger = grated ginger =
    1/4 cup chopped peeled fresh ginger / cinnamon = ground cinnamon = 2 cinnamon
    sticks, broken in half / lemon = lemon juice = 1/2 cup fresh lemon juice /
    coconut = coconut milk = 1 can (14 ounces) coconut milk / honey = honey = 1/2
    cup honey
SWEET_SPICES: cinnamon / nutmeg / ginger / cardamom / cloves / allspice
SHELLFISH: shrimp / scallops / clams / mussels / crab
PASTA: spaghetti / linguine / penne / fettuccine / rigatoni / orecchiette
LIQUEURS: rum / brandy / bourbon / amaretto / Grand Marnier
STOCKS: chicken broth / chicken stock / vegetable broth / beef broth
SPICES: cumin / coriander / paprika / curry powder / chili powder / turmeric
PREHEAT: [Preheat oven to {oven}°F.|Preheat oven to {oven}°F.|Preheat oven to
    {oven}°F.|Preheat oven to {oven}°F.|Position rack in [center|middle|lower third]
    of oven and preheat to {oven}°F.|Put oven rack in middle position and preheat
    oven to {oven}°F.|Heat oven to {oven}°F.]
SEASON: [Season [generously |lightly |]with salt and pepper.|Sprinkle with salt and
    pepper.|Season to taste with salt and [freshly ground |]pepper.]
CHOP_HERB: [Chop [1/4|1/2|1/4|1/3] cup {herb}[| leaves][; reserve|; set aside| for
    garnish].|Chop enough {herb} to measure [1/4 cup|2 tablespoons|1 tablespoon];
    reserve.||||]
SERVE: [Serve [hot|warm|immediately|at once].|Transfer to platter and serve.|Serve.]
CHILL: [Cover and [chill|refrigerate] [until cold, about <2-4> hours|at least <2-6>
    hours|overnight].]
SOFTEN_ONION: [Heat|Warm] [<1-3> tablespoons |]{oil} in [heavy |]large
    [pot|saucepan] over [medium|medium-high|moderate] heat. Add [chopped |]{onion}
    and [cook|sauté], stirring [occasionally|often|frequently], until
    [softened|tender|golden], about <4-10> minutes.
CUT_IN: [[Using fingertips, rub in|With a pastry blender, cut in] [cold |]butter
    until mixture resembles coarse meal.|Add [cold |]butter and pulse until the size
    of peas.]
CREAM: [Using electric mixer, beat|Beat] butter and [sugar|{sugar}] in large bowl
    until [light and fluffy|pale and creamy][, about <2-5> minutes|]. [Beat in|Add]
    eggs [1 at a time|one at a time, beating well after each addition][, then
    vanilla|].
COOL_RACK: [Cool [in pan |]on rack <10-30> minutes.|Transfer to rack and cool[
    completely|].]
CHOP_FIRST: Chop [1/2|1/2|1/2|1/2|1/2|1/4|1/4|1/4|1/3] cup {herb}[; reserve|; set
    aside|]. {PREHEAT}
DRY: [Whisk|Sift|Stir together] flour, {leaven}, [{spice}, |]and salt in [medium
    |]bowl.

dish: roast
share: 12
calories: 620
titles: Roast {meat} / Roast {meat} with {herb} [Gravy|Butter|Sauce] / Roast {meat}
    with {fruits} and {herb} / Roast {meat} with {root} / {herb}-[Rubbed|Crusted]
    Roast {meat}
categories: Roast / Dinner / Fall / Christmas / Wheat/Gluten-Free
pick meat cut time temp: 5 x turkey = <12-16>-pound turkey = <2-4> hours = 165 / 4 x
    chicken = <3-5>-pound chicken = 1 1/4 hours = 165 / 2 x beef = <3-5>-pound beef
    rib roast = <1-2> hours = 125 / 2 x pork loin = 3-pound boneless pork loin = 1
    hour = 145 / leg of lamb = <5-7>-pound leg of lamb = 1 3/4 hours = 130 / duck =
    5-pound duck = 2 hours = 165
pick herb (2): HERBS
pick fruit fruits: ORCHARD
pick root: ROOTS
pick stock: STOCKS
pick oven: 325 / 350 / 375 / 425 / 450
ingredients: 1 {cut} / [1/4|1/2] cup (1/2 stick) butter, [softened|room temperature]
    / <2-4> tablespoons chopped fresh {herb} / <1-2> cups {stock} / <3-6> garlic
    cloves, minced / {root_line}
step: {PREHEAT}
step: {CHOP_HERB}
step: [Pat {meat} dry|Rinse {meat} and pat [it |]dry][ with paper towels|].
    [Mix|Mash together] butter, garlic, and {herb} in small bowl. [Rub|Spread] [half
    of |]butter mixture [all over {meat}|over {meat}]. {SEASON}
step: [Place|Set|Put] {meat} on rack in [large |heavy |]roasting pan. [Scatter
    {root} [and {fruits} |]around {meat}.|Add {root} to pan.|]
step: Roast [until thermometer inserted into [thickest part|center] of meat
    registers {temp}°F|until {meat} is [golden brown|deep brown] and juices run
    clear], about {time}[, basting with pan juices every <20-30> minutes|].
step: Transfer {meat} to [platter|cutting board]; [tent loosely with foil and |]let
    [rest|stand] <10-30> minutes.
step: [Skim fat from pan juices.|Spoon off fat from pan.] [Add|Pour in] {stock} and
    boil, scraping up browned bits, until [reduced to [1/2|3/4|1] cup|slightly
    thickened], about <5-10> minutes. [Stir in {herb}.|Strain sauce.|] {SEASON}
step: [Carve|Slice] {meat} and serve with [pan juices|sauce|gravy][ and {root}|].

dish: roasted vegetables
share: 12
calories: 190
titles: 3 x Roasted Vegetables / Roasted Vegetables with {herb}[ and Garlic| and
    {cheese}|] / Roasted {veg}[ with {herb}| with {nut}| with {cheese}|] / Roasted
    {veg} and {root} / Roasted {root} with [{herb}|{nut}|Garlic]
categories: Side / Vegetable / Roast / Vegetarian / Vegan / Fall
pick root (2): ROOTS
pick veg (2): GREENS_TO_ROAST
pick herb: HERBS
pick nut: NUTS
pick cheese: CHEESES
pick oil: OILS
pick oven: 400 / 425 / 450 / 475 / 375
ingredients: {veg_line} / {root_line} / {veg_line2} / <2-4> tablespoons {oil} /
    <3-8> garlic cloves, [peeled|unpeeled] / [1/4|1/2] cup chopped fresh {herb} /
    [1/4|1/2] cup {nut}, toasted
step:
    [{PREHEAT}|{PREHEAT}|{PREHEAT}|{PREHEAT}|{PREHEAT}|{CHOP_FIRST}|{CHOP_FIRST}|{CHOP_FIRST}|Put
    {veg} [and {root} |]in large bowl. {PREHEAT}|Prepare baking sheet: line with
    foil and brush with oil. {PREHEAT}]
step: [Oil [a |]large rimmed baking sheet|Lightly oil [a |]large baking sheet|Line
    [a |]large rimmed baking sheet with foil].
step: [Toss|Combine|Mix] {veg}, {root}, [{veg2}, |]and garlic with {oil} [in large
    bowl|on prepared sheet|]. {SEASON}
step: [Spread|Arrange|Spread out] vegetables in single layer on [baking
    sheet|prepared sheet|large shallow roasting pan].
step: Roast, [stirring|turning] [occasionally|once|halfway through], until [tender
    and browned|tender and golden|caramelized], <25-50> minutes.
step: [Sprinkle with [1/4|1/2] cup {herb}|Toss with {herb}][ and {nut}| and
    [crumbled|grated] {cheese}|].
step: [Drizzle with [lemon juice|balsamic vinegar|more oil].|] [Serve [hot|warm|at
    room temperature].|Transfer to bowl and serve.]

dish: ice cream
share: 10
calories: 380
titles: 4 x {flavor} Ice Cream / {flavor} Ice Cream with [{nut}|{liqueur}] /
    {flavor} {liqueur} Ice Cream / {flavor} [Gelato|Frozen Yogurt]
categories: Dessert / Frozen Dessert / Ice Cream Machine / Summer / Egg
pick flavor addition flavor_line: FLAVORS
pick nut: NUTS
pick liqueur: LIQUEURS
pick yolks: 4 / 5 / 6 / 8
ingredients: <1-2> cups [heavy|whipping] cream / [1|1 1/2|2] cups whole milk /
    [1/2|2/3|3/4] cup sugar / {yolks} large egg yolks / {flavor_line} / [1/4|1/8]
    teaspoon salt
step: [In a [heavy |large |]saucepan, [bring cream and milk [just to a boil|to a
    simmer]|heat cream and milk until hot].|In a bowl whisk together yolks, sugar,
    and salt.|Combine cream[, milk,|] and [half of |]sugar in heavy saucepan; bring
    to simmer, stirring until sugar dissolves.|Stir milk, cream, and sugar in
    [medium|large] saucepan over medium heat until sugar dissolves.|Whisk yolks and
    sugar in [medium|large] bowl until [thick|pale yellow].|Mix milk and cream in a
    saucepan and bring to a simmer.]
step: [Gradually whisk hot [cream|milk] mixture into [yolks|yolk mixture]|Add hot
    cream mixture to yolks in a slow stream, whisking constantly]. Return mixture to
    [same |]saucepan.
step: [Cook|Stir] over [low|medium-low|moderate] heat[, stirring constantly with a
    wooden spoon,|] until custard [thickens and coats back of spoon|registers
    <170-175>°F], about <4-10> minutes (do not [let boil|boil]).
step: [Add {addition} and [stir|whisk] until smooth.|Stir in {addition}[ and
    salt|].] [Strain [custard |]through [a |]fine sieve into [a |clean |]bowl.|]
step: [Set bowl in an ice bath and cool, stirring occasionally.|] {CHILL}
step: [Process custard|Freeze custard|Churn custard] in ice cream maker[ according
    to manufacturer's instructions|]. [Fold in [1/2|3/4] cup {nut}.|Stir in <1-2>
    tablespoons {liqueur}.|]
step: Transfer [ice cream |]to [airtight |]container, cover, and freeze until firm,
    [about|at least] <2-6> hours. [Let soften slightly before serving.|(Can be made
    <2-5> days ahead.) Keep frozen.|]

dish: soup
share: 9
calories: 210
titles: [Creamy |Spicy |Chilled |]{veg} Soup[ with {herb}|] / {veg} Soup with {bean}
    / Curried {veg} Soup / {bean} Soup with {herb}
categories: Soup/Stew / Lunch / Winter / Vegetarian / Appetizer
pick veg: SOUP_VEGETABLES
pick bean: BEANS
pick herb: HERBS
pick stock: STOCKS
pick spice: SPICES
pick oil: OILS / butter
pick onion: onion / onions / leeks / shallots
ingredients: <2-3> tablespoons {oil} / <1-2> cups chopped {onion} / {veg_line} / 1
    can (15 ounces) {bean}, drained / <4-6> cups {stock} / 1 teaspoon [ground
    |]{spice} / [1/4|1/2] cup [sour cream|crème fraîche|heavy cream]
step: {CHOP_HERB}
step: {SOFTEN_ONION}
step: [Add|Stir in] [{spice} and |garlic and |]{veg} and [cook|stir] <1-5> minutes[
    until fragrant|].
step: [Add|Pour in] {stock} and {bean} and bring to [a |]boil. Reduce heat and
    simmer, [covered|partially covered|uncovered], until vegetables are [very
    |]tender, about <15-40> minutes.
step: [Working in batches, purée soup in blender until smooth[ (use caution when
    blending hot liquids)|].|Purée [half of |]soup in a food processor and return to
    pot.|]
step: [Stir in cream.|Thin with [more stock|water] if [necessary|too thick].|]
    [Reheat soup[ gently|].|] {SEASON}
step: [Ladle|Divide] soup into bowls[ and [top|garnish] with [{herb}|a spoonful of
    sour cream|croutons]|].

dish: salad
share: 8
calories: 240
titles: {green} Salad with {extra} and {nut} / {green}, {extra}, and {cheese} Salad
    / {extra} and {green} Salad[ with {herb}|] / {green} Salad with
    [Lemon|Mustard|{herb}] [Dressing|Vinaigrette]
categories: Salad / Side / No-Cook / Quick & Easy / Summer / Healthy
pick green: LETTUCES
pick extra: BEANS / apples / pears / oranges / grapefruit / figs / grapes / beets /
    radishes / cucumbers / cherry tomatoes / avocado
pick nut: NUTS
pick cheese: CHEESES
pick herb: HERBS
pick acid: lemon juice / red wine vinegar / balsamic vinegar
pick onion: shallot / red onion / garlic
ingredients: <2-3> tablespoons {acid} / [1/4|1/3|1/2] cup extra-virgin olive oil / 1
    [tablespoon|teaspoon] Dijon mustard / <6-8> cups {green} / <1-2> cups {extra},
    [sliced|rinsed] / [1/2|3/4] cup {cheese}, crumbled or shaved / [1/3|1/2] cup
    {nut}, toasted and chopped
step: [Whisk|Stir] [together |]{acid}, mustard, and {onion} in [small|large] bowl.
    [Gradually whisk in oil|Add oil in a slow stream, whisking until emulsified].
    {SEASON}
step: [Toast {nut} in [dry |small |]skillet over medium heat until
    [fragrant|golden], about <3-8> minutes[; cool|].|] {CHOP_HERB}
step: [Combine|Place|Toss] {green}, {extra}, and {herb} in large [salad |]bowl.
    [Add|Drizzle with] [enough |]dressing [to coat |]and toss[ gently| to coat|].
step: [Divide salad among [plates|<4-8> plates].|Mound salad on platter.]
    [Sprinkle|Top] with {cheese}[ and {nut}|]. [Serve[ immediately|].|]

dish: cake
share: 9
calories: 460
titles: {flavor} Cake[ with {nut}|] / {flavor} [Layer|Bundt|Pound|Coffee|Butter]
    Cake  / {flavor} Cake with [Cream Cheese|Caramel|{liqueur}] [Frosting|Glaze]
categories: Cake / Dessert / Bake / Birthday / Vegetarian
pick flavor addition flavor_line: FLAVORS / apple = chopped apples = 3 apples,
    peeled and chopped / carrot = grated carrots = 3 cups grated peeled carrots /
    banana = mashed bananas = 3 ripe bananas, mashed / pumpkin = pumpkin purée = 1
    can (15 ounces) pumpkin / blueberry = blueberries = 2 cups blueberries
pick nut: NUTS
pick liqueur: LIQUEURS
pick spice: SWEET_SPICES
pick leaven: baking powder / baking soda
pick sugar: brown sugar / granulated sugar
pick oven: 325 / 350 / 375
pick pan: 9-inch round cake / 8-inch square / Bundt / 9x5-inch loaf
ingredients: [1 1/2|2|2 1/4] cups all-purpose flour / <1-2> teaspoons {leaven} /
    {flavor_line} / 1/2 teaspoon salt / [1/2|3/4|1] cup unsalted butter, room
    temperature / [1|1 1/4|1 1/2] cups {sugar} / <2-4> large eggs / [1/2|3/4|1] cup
    [buttermilk|whole milk|sour cream] / [1/2|1] cup chopped {nut}
step: {PREHEAT} [Butter|Grease] [and flour |]{pan} pan[; line bottom with parchment
    paper|].
step: {DRY}
step: {CREAM}
step: [Beat in|Add|Fold in] flour mixture in <2-3> additions alternately with
    [milk|buttermilk|sour cream][, beginning and ending with flour|]. [Fold in|Stir
    in] {addition}[ and {nut}|].
step: [Pour|Spoon|Scrape] batter into [prepared |]pan[ and smooth top|]. [Scatter
    {nut} over batter.|]
step: Bake until [tester|toothpick] inserted [into|in] center comes out clean,
    [about |]<30-60> minutes. {COOL_RACK}
step: [Run knife around sides of pan; turn cake out onto [rack|plate].|] [Dust with
    powdered sugar.|Spread frosting over [top|top and sides].|Drizzle glaze over
    cake.|Brush with {liqueur}.]

dish: cookies
share: 7
calories: 150
titles: {flavor} Cookies[ with {nut}|] / [Chewy|Crisp|Soft] {flavor} Cookies /
    {flavor} [Shortbread|Biscotti|Snaps|Bars]
categories: Cookies / Dessert / Bake / Kid-Friendly / Christmas
pick flavor addition flavor_line: 3 x chocolate chip = chocolate chips = 2 cups
    chocolate chips / oatmeal = oats = 2 cups old-fashioned rolled oats / ginger =
    chopped ginger = 1/2 cup chopped crystallized ginger / lemon = lemon peel = 1
    tablespoon grated lemon peel / peanut butter = peanut butter = 1 cup peanut
    butter / coconut = coconut = 1 1/2 cups shredded coconut / cranberry =
    cranberries = 1 cup dried cranberries / molasses = molasses = 1/4 cup dark
    molasses
pick nut: NUTS
pick spice: SWEET_SPICES
pick leaven: baking powder / baking soda
pick sugar: brown sugar / granulated sugar / powdered sugar
pick oven: 325 / 350 / 375
ingredients: [1 3/4|2|2 1/2] cups all-purpose flour / 1/2 teaspoon {leaven} /
    [1/4|1/2] teaspoon salt / 1 cup (2 sticks) butter, softened / [3/4|1] cup
    {sugar} / <2-3> large eggs / {flavor_line} / 1 cup chopped {nut}
step: {PREHEAT} Line [2|two] [large |]baking sheets with parchment[ paper|].
step: {DRY}
step: {CREAM}
step: [Add|Stir in|Mix in] [dry ingredients|flour mixture] [and [mix|beat] just
    until [combined|blended]|at low speed]. [Fold in|Stir in] {addition}[ and
    {nut}|].
step: [[Wrap dough in plastic and chill|Chill dough] until firm, <1-2> hours.|]
step: [Drop dough by [tablespoonfuls|rounded teaspoonfuls] onto|Roll dough into
    1-inch balls and place on|Roll out dough to 1/4-inch thickness; cut out rounds
    and place on] [prepared |]sheets, spacing 2 inches apart.
step: Bake [cookies |]until [golden [brown |]around edges|edges are set|golden],
    about <8-16> minutes[, rotating sheets halfway through|]. {COOL_RACK}
step: [(Can be made <2-5> days ahead. Store airtight at room temperature.)|]

dish: pasta
share: 9
calories: 560
titles: {pasta} with {extra} and {veg} / {pasta} with {veg}[, {extra},| and
    {cheese}| and {herb}] / {pasta} with {extra}[ and {herb}| and Tomatoes]
categories: Pasta / Dinner / Tomato / Sauté / Quick & Easy
pick pasta: PASTA
pick veg: GREENS_TO_ROAST
pick extra: SHELLFISH / BEANS / sausage / bacon / chicken / pancetta
pick herb: HERBS
pick cheese: Parmesan / pecorino / ricotta / mozzarella
pick oil: OILS
pick onion: onion / shallots / garlic / leeks
ingredients: [12 ounces|1 pound] {pasta} / [1/4 cup|3 tablespoons] {oil} / [1/2|1]
    cup chopped {onion} / {veg_line} / [8 ounces|3/4 pound|1 pound] {extra} / 1 can
    (28 ounces) [whole|crushed] tomatoes / [1/2|3/4|1] cup grated {cheese} /
    [1/4|1/2] teaspoon dried crushed red pepper
step: [Cook {pasta} in [large |]pot of boiling salted water until [al dente|tender
    but still firm to bite][, stirring occasionally|]. Drain, reserving [1/2|1|3/4]
    cup [pasta cooking water|cooking liquid].|Bring large pot of salted water to a
    boil. Add {pasta} and cook until al dente.]
step: Meanwhile, [heat|warm] {oil} in [large |heavy large ][skillet|frying pan] over
    [medium|medium-high|moderate] heat. Add {onion} [and red pepper |]and
    [sauté|cook] until [tender|golden|fragrant], <2-8> minutes.
step: [Add {veg} and [cook|sauté] until [tender|lightly browned], about <4-12>
    minutes.|Add tomatoes and simmer until sauce [thickens|is slightly reduced],
    about <10-20> minutes.|Add [wine|white wine] and boil until reduced by half,
    about <2-5> minutes. Stir in {veg}.]
step: [Add {extra} and cook[, stirring,|] <3-6> minutes.|Stir in {extra}[ and simmer
    until heated through|].]
step: [Add|Return] {pasta} to [skillet|sauce|pot] and toss [to coat|over low heat
    <1-3> minutes][, adding cooking liquid [1/4 cup at a time |]if dry|]. [Stir in
    {herb}.|Mix in [half of |]{cheese}.|] {SEASON}
step: [Transfer to [large |warm |]bowl|Divide among [plates|bowls]]. Sprinkle with
    [remaining |]{cheese}[ and {herb}|] and serve.

dish: grill
share: 8
calories: 390
titles: Grilled {main} with {herb} [Butter|Sauce|Salsa] / Grilled {main} with
    [{spice}|Mustard|Lemon] [Sauce|Marinade] / {spice}-Rubbed {main}[ with {herb}|]
categories: Grill / Summer / Backyard BBQ / Dinner / Marinate
pick main: salmon / halibut / tuna / swordfish / snapper / shrimp / chicken /
    chicken breasts / chicken thighs / lamb chops / pork chops / flank steak /
    rib-eye steaks / quail / eggplant / zucchini / portobello mushrooms
pick spice: SPICES
pick herb (2): HERBS
pick oil: OILS
pick acid: lemon juice / lime juice / orange juice / soy sauce
ingredients: [1/4|1/3] cup {oil} / <2-4> tablespoons [fresh |]{acid} / <2-4> garlic
    cloves, minced / <1-2> teaspoons [ground |]{spice} / <2-3> pounds {main} / 2
    tablespoons chopped fresh {herb}
step: [Whisk|Combine|Mix] {oil}, {acid}, garlic, [{spice}, |]and {herb} in
    [small|medium|large] bowl. [Pour marinade over {main} in [shallow
    dish|resealable plastic bag] and turn to coat.|Add {main} to bowl and turn to
    coat.] [Cover and [chill|refrigerate] <1-8> hours.|Let marinate at room
    temperature <20-30> minutes.]
step: [Prepare [barbecue|grill] ([medium|medium-high|high] heat).|Prepare grill for
    cooking over [hot|medium-hot] charcoal.|Heat a grill pan over high heat.] [Brush
    [grill rack|grates] with oil.|]
step: [Remove {main} from marinade.|Drain {main}.|] [Sprinkle|Season] {main} with
    salt and pepper. Grill [until [just |]cooked through|until browned|to desired
    doneness], about <3-8> minutes per side[, brushing with marinade|].
step: [Transfer {main} to [plates|platter]|Place {main} on plates].
    [Top|Sprinkle|Garnish] with {herb2}[ and serve with lemon wedges|]. [Serve.|]

dish: stew
share: 7
calories: 580
titles: {meat} [Stew|Ragù] with {root}[ and {herb}|] / Braised {meat} with {root} /
    {meat} Braised in {wine}[ with {herb}|]
categories: Braise / Soup/Stew / Winter / Dinner / Red Wine
pick meat: beef / lamb / chicken / pork / veal
pick root: ROOTS
pick herb (2): HERBS
pick stock: STOCKS
pick oil: OILS
pick onion: onions / leeks / shallots
pick oven: 300 / 325 / 350
pick wine: red wine / white wine / dark beer / Port
ingredients: <3-4> pounds {meat}, cut into 2-inch [pieces|cubes] / <2-3> tablespoons
    {oil} / <2-3> cups chopped {onion} / {root_line} / <1-2> cups {wine} / <2-3>
    cups {stock} / <3-4> [fresh |]{herb} sprigs / 2 tablespoons tomato paste
step: [{PREHEAT} |]Pat {meat} dry[ with paper towels|] and season with salt and
    pepper. [Dust|Coat] [lightly |]with flour[, shaking off excess|].
step: Heat {oil} in [large heavy|large ovenproof] pot over [medium-high|high] heat.
    [Working in batches, brown|Brown] {meat} on all sides, about <6-10> minutes [per
    batch|in all]. Transfer to [bowl|plate].
step: [Reduce heat to medium.|Pour off all but 1 tablespoon fat.|] Add {onion} [and
    garlic |]and [cook|sauté] until [golden|softened], about <5-10> minutes. Stir in
    tomato paste and [cook|stir] 1 minute.
step: Add {wine} and [boil until reduced by half|bring to boil], scraping up browned
    bits. Return {meat} [and any juices |]to pot. Add {stock} and {herb}.
step: Bring to [a |]simmer, cover, and [braise in oven|cook over low heat] until
    {meat} is [very |fork-]tender, <1-3> [hours|1/2 hours][, adding {root} during
    last <30-45> minutes|].
step: [Discard [{herb} sprigs|bay leaf].|Skim fat from surface.] {SEASON} [Sprinkle
    with {herb2}.|Serve over [noodles|rice|mashed potatoes].|]

dish: bread
share: 5
calories: 260
titles: {flavor} {shape} / {flavor} {shape} with [{nut}|{spice}] / [Buttermilk|Whole
    Wheat] {flavor} {shape}
categories: Bread / Breakfast / Brunch / Bake / Quick & Easy
pick flavor addition: blueberry = blueberries / raspberry = raspberries / cranberry
    = dried cranberries / banana = mashed bananas / pumpkin = pumpkin purée /
    zucchini = grated zucchini / corn = cornmeal / cheddar = grated cheddar / lemon
    = grated lemon peel / date = chopped dates
pick shape tin form: 2 x muffins = [Line|Butter] 12 muffin cups. = Divide batter
    among cups. / bread = Butter 9x5-inch loaf pan. = Scrape batter into pan. /
    scones = Line baking sheet with parchment. = Turn dough out onto floured
    surface. Pat out to 1-inch thickness and cut into wedges. / biscuits = Lightly
    grease baking sheet. = Turn dough out onto floured surface; knead <4-8> turns.
    Roll out to 3/4-inch thickness and cut into rounds.
pick nut: NUTS
pick spice: SWEET_SPICES
pick leaven: baking powder / baking soda
pick oven: 350 / 375 / 400 / 425
ingredients: <2-3> cups all-purpose flour / 1 tablespoon {leaven} / [1/4|1/3|1/2]
    cup sugar / [1/2|3/4] teaspoon salt / [6 tablespoons|1/2 cup] [chilled
    |]unsalted butter / [3/4|1] cup buttermilk / 1 large egg / <1-2> cups {addition}
step: {PREHEAT} {tin}
step: {DRY} [{CUT_IN}|{CUT_IN}|]
step: [Whisk|Beat] [buttermilk|milk] and egg in [small |another ]bowl[ to blend|].
    [Add to|Stir into] dry ingredients[ and stir just until [moistened|dough
    forms]|; do not overmix]. [Fold in|Stir in] {addition}[ and {nut}|].
step: {form} [Brush tops with [milk|beaten egg|melted butter].|Sprinkle with
    sugar.|] Bake until [golden|golden brown|tester comes out clean], about <15-30>
    minutes.
step: {COOL_RACK} [Serve warm[ with butter| with jam|].|]

dish: pie
share: 6
calories: 420
titles: {fruit} [Pie|Tart|Galette][ with {nut}|] / {fruit} [Crisp|Crumble|Cobbler][
    with {spice}|] / [Deep-Dish|Old-Fashioned|Rustic] {fruit} Pie
categories: Dessert / Bake / Fruit / Thanksgiving / Fourth of July
pick fruit fruits: ORCHARD / ORCHARD / BERRIES
pick nut: NUTS
pick spice: SWEET_SPICES
pick oven: 350 / 375 / 400 / 425
ingredients: [1 1/4|2 1/2] cups all-purpose flour / [1/2|3/4] cup [cold |]unsalted
    butter, cut into [cubes|pieces] / <3-6> tablespoons ice water / <2-3> pounds
    {fruits}[, sliced|] / [1/2|2/3|3/4] cup sugar / [1/2|1/4] teaspoon [ground
    |]{spice} / <1-2> tablespoons [fresh |]lemon juice
step: [Blend|Pulse|Whisk] flour, [sugar, |]and salt in [food processor|large bowl].
    {CUT_IN} [Sprinkle with|Add] ice water, 1 tablespoon at a time, [and stir
    |]until dough [comes together|holds together]. [Form|Gather] into disk, wrap in
    plastic, and chill [at least |]1 hour.
step: {PREHEAT} [Roll out dough on floured surface to [12|13|14]-inch round.|]
    [Transfer to 9-inch [pie dish|tart pan]; [trim|crimp] edges.|]
step: [Toss|Combine|Mix] {fruits}, sugar, lemon juice, and {spice} in large bowl.
    [Let stand <10-30> minutes.|] [Spoon|Transfer|Mound] filling into [crust|dish].
step: [Sprinkle [{nut} topping|crumbs|{nut}] over [fruit|filling].|Cover with top
    crust and cut several slits.|Dot with butter.]
step: Bake until [crust is golden[ brown|] and filling is bubbling|topping is
    golden|juices bubble thickly], about <35-70> minutes[, covering with foil if
    browning too quickly|]. {COOL_RACK}
step: Serve [warm|at room temperature] with [vanilla ice cream|whipped cream].

dish: rice
share: 6
calories: 340
titles: {veg} Risotto[ with {cheese}| with {herb}|] / Risotto with {veg} and
    {cheese} / {grain} Pilaf with {veg}[ and {herb}|] / {grain} with {veg}[, {nut},|
    and {herb}]
categories: Rice / Side / Dinner / Sauté / Vegetarian
pick veg: GREENS_TO_ROAST
pick grain: rice / bulgur / quinoa / farro / wild rice / barley
pick nut: NUTS
pick herb: HERBS
pick cheese: Parmesan / pecorino / fontina / goat cheese
pick stock: STOCKS
pick oil: OILS / 2 x butter
pick onion: onion / shallots / leeks
ingredients: <5-6> cups {stock} / <2-3> tablespoons {oil} / 1 cup [finely |]chopped
    {onion} / [1 1/2|2] cups {grain} / [1/2|3/4] cup dry white wine / {veg_line} /
    [1/2|3/4] cup [freshly |]grated {cheese}
step: Bring {stock} to [a |]simmer in [medium |]saucepan[; reduce heat to low and
    keep warm|; cover and keep warm].
step: {SOFTEN_ONION}
step: Add {veg} and cook <3-6> minutes. Add {grain} and stir [until coated|<1-3>
    minutes]. [Add wine and [cook|stir] until [absorbed|evaporated].|]
step: [Add 1 cup [hot |]stock and simmer, stirring [often|constantly], until
    absorbed. Continue adding stock [1/2|1] cup at a time[, allowing stock to be
    absorbed before adding more|], until {grain} is [creamy and |]tender, about
    <20-30> minutes.|Add stock and bring to boil. Reduce heat to low, cover, and
    cook until liquid is absorbed, about <15-40> minutes. Remove from heat and let
    stand <5-10> minutes. Fluff with [a |]fork.]
step: [Stir in|Mix in|Fold in] [{cheese}|{herb}|{nut}][ and {herb}|]. {SEASON}
    {SERVE}

dish: eggs
share: 5
calories: 310
titles: {veg} [Frittata|Omelet][ with {herb}|] / {veg} and {cheese}
    [Frittata|Omelet] / Baked Eggs with {veg}[ and {cheese}|]
categories: Egg / Breakfast / Brunch / Cheese / Quick & Easy
pick veg: GREENS_TO_ROAST
pick herb: HERBS
pick cheese: CHEESES
pick oil: OILS / 2 x butter
pick eggs: 4 / 6 / 8 / 10
pick oven: 350 / 375 / 400
ingredients: {eggs} large eggs / [1/4|1/3|1/2] cup [whole milk|heavy cream|half and
    half] / [1/2|3/4|1] cup [grated |crumbled ]{cheese} / {veg_line} / <1-2>
    tablespoons {oil} / 2 tablespoons chopped {herb}
step: [{PREHEAT}|Preheat broiler.|]
step: [Whisk|Beat] [{eggs} |]eggs, [milk|cream], [1/4|1/2] teaspoon salt, and
    [1/4|1/8] teaspoon pepper in [large|medium] bowl. [Stir in [half of |]{cheese}[
    and {herb}|].|]
step: [Heat|Melt] {oil} in [10-inch|12-inch|large] [nonstick |ovenproof ]skillet
    over [medium|medium-high] heat. Add {veg} and [sauté|cook] until
    [tender|golden], about <4-10> minutes.
step: [Pour|Add] egg mixture [over vegetables|to skillet]. Cook, [lifting edges to
    let uncooked egg run underneath,|without stirring,] until [almost set|set on
    bottom], about <3-6> minutes. [Sprinkle with {cheese}.|]
step: [Transfer skillet to oven and bake until [puffed|set|golden], about <8-15>
    minutes.|Broil until [top is set|golden], about <2-3> minutes.|Cover and cook
    over low heat until set.]
step: [Slide [out |]onto plate and cut into wedges.|Cut into wedges.] {SERVE}

dish: stir-fry
share: 5
calories: 360
titles: {meat} Stir-Fry with {veg}[ and {nut}|] / Stir-Fried {meat} with {veg} /
    [Spicy|Sesame|Ginger] {meat} with {veg}[ and {veg2}|]
categories: Stir-Fry / Dinner / Asian / Quick & Easy / Soy
pick meat: chicken / beef / pork / tofu / shrimp / scallops
pick veg (2): GREENS_TO_ROAST
pick nut: peanuts / cashews / almonds
pick oil: vegetable oil / peanut oil / sesame oil
ingredients: 1 pound {meat}, thinly sliced / <2-4> tablespoons soy sauce / <1-2>
    tablespoons rice vinegar / 1 tablespoon [minced |grated ]peeled [fresh |]ginger
    / <2-4> garlic cloves, chopped / {veg_line} / {veg_line2} / 2 teaspoons
    cornstarch
step: [Whisk|Stir together|Mix] soy sauce, [vinegar|rice vinegar], [sugar, |]and
    cornstarch in small bowl. [Add {meat}; toss to coat and let stand <10-30>
    minutes.|]
step: Heat [wok|large skillet] over high heat [until hot|until a drop of water
    evaporates instantly]. Add [1 tablespoon |2 tablespoons |]{oil}[ and swirl to
    coat|].
step: Add {meat} and stir-fry until [browned|just cooked through|no longer pink],
    about <2-5> minutes. Transfer to [plate|bowl].
step: Add [remaining |more |]{oil}, ginger, and garlic and stir-fry until fragrant,
    about 30 seconds. Add {veg} [and {veg2} |]and stir-fry until crisp-tender, <3-6>
    minutes.
step: Return {meat} to [wok|pan|skillet]. Add sauce and [cook|boil], stirring, until
    [thickened|glossy], about <1-2> minutes. [Sprinkle with [{nut}|sesame
    seeds|scallions].|] [Serve over [rice|noodles].|Serve at once.]

dish: drink
share: 5
calories: 140
titles: [Sparkling |Frozen |]{berry} [Lemonade|Cocktail|Punch] / {berry}
    [Margarita|Fizz|Iced Tea|Sangria][ with {herb}|] / {berry} and {herb}
    [Lemonade|Cooler|Spritzer]
categories: Drink / Cocktail Party / Non-Alcoholic / Summer / Alcoholic
pick berry: BERRIES
pick herb: mint / basil / rosemary / thyme
pick spice: SWEET_SPICES
pick liqueur: LIQUEURS / vodka / gin / tequila
ingredients: [1/2|3/4|1] cup sugar / <1-4> cups [cold |]water / [1/2|1] cup [fresh
    |]lemon juice / 1 cup {berry} purée / [1/4|1/2] cup {liqueur} / [fresh |]{herb}
    sprigs
step: [Bring sugar and [1/2|1] cup water to a boil|Heat sugar and [1/2|1] cup water]
    in [small |]saucepan[, stirring until sugar dissolves|; simmer <2-5> minutes].
    [Add {herb}|Stir in {spice}|Remove from heat] and let [steep|cool] <10-30>
    minutes.
step: [Strain syrup into pitcher.|Pour syrup into [a |]large pitcher.] [Add|Stir in]
    lemon juice[, {berry} purée,|] and [remaining |cold ]water. {CHILL}
step: [Fill|Half-fill] [tall |<4-8> |]glasses with ice. [Pour [mixture|lemonade]
    over ice.|Add <1-2> ounces {liqueur} to each glass and top with [club
    soda|mixture].|] [Garnish with {herb}[ sprigs|] and serve.|Serve
    [cold|immediately].]

dish: gratin
share: 4
calories: 350
titles: {root} Gratin[ with {cheese}|] / Scalloped {root}[ with {herb}| with
    {cheese}] / {root} and {cheese} [Gratin|Casserole]
categories: Side / Potato / Thanksgiving / Cheese / Bake
pick root: ROOTS
pick cheese: MELTING
pick herb: HERBS
pick oven: 350 / 375 / 400
ingredients: {root_line} / [1|1 1/2|2] cups [heavy cream|half and half|whole milk] /
    <1-2> garlic cloves, [minced|pressed] / [1|1 1/2] cups [grated |]{cheese} / 1
    tablespoon chopped [fresh |]{herb}
step: {PREHEAT} Butter [shallow |13x9-inch |2-quart |]baking dish.
step: [Cook {root} in boiling salted water until almost tender, about <5-10>
    minutes; drain.|Using [mandoline|sharp knife], slice {root} 1/8 inch thick.]
step: [Bring cream, garlic, and {herb} to a simmer|Heat cream, garlic, and {herb}]
    in [heavy |]saucepan. {SEASON}
step: Arrange [half of |]{root} in [prepared |]dish, overlapping slightly. Pour
    [half of |]cream mixture over. Sprinkle with {cheese}. [Repeat layering.|]
step: [Cover with foil and bake|Bake] until [golden and bubbling|{root} are tender
    and top is brown], [about |]<30-60> minutes. Let stand <5-15> minutes[ before
    serving|].

dish: mash
share: 3
calories: 230
titles: Mashed {root}[ with {herb}| with {cheese}|] / {root} Purée[ with {herb}|]
categories: Side / Potato / Thanksgiving / Vegetarian / Kosher
pick root (2): ROOTS
pick cheese: MELTING
pick herb: HERBS
ingredients: {root_line} / [1/2|3/4] cup [hot |]whole milk / <2-6> tablespoons
    butter / <2-4> garlic cloves, peeled / 1 tablespoon chopped [fresh |]{herb}
step: [Cook {root} [and garlic |]in [large |]pot of boiling salted water|Cover
    {root} with cold [salted |]water in large pot and boil] until tender, about
    <10-25> minutes. Drain[, reserving [1/4|1/2] cup cooking liquid|].
step: [Return {root} to pot and mash|Purée {root} in processor|Force {root} through
    ricer] [until smooth|with butter]. [Stir in|Add] [hot |]milk[, [1/4|1/2]
    teaspoon salt,|] and [remaining |]butter.
step: [Stir in|Mix in] [{herb}|{cheese}]. {SEASON} {SERVE}

dish: sandwich
share: 5
calories: 480
titles: {filling} {sandwich} with {herb} [Mayonnaise|Sauce] / {filling} {sandwich}
    with {cheese}[ and {extra}|] / [Spicy|Grilled|Crispy] {filling} {sandwich}
categories: Sandwich / Lunch / Quick & Easy / Kid-Friendly / Picnic
pick filling: chicken / turkey / lamb / beef / shrimp / salmon
pick sandwich bread: tacos = tortillas / burgers = buns / sandwiches = rolls / wraps
    = flour tortillas / pitas = pita breads
pick extra: avocado / tomato / lettuce / onion / cucumber
pick cheese: MELTING
pick herb: HERBS
pick spice: SPICES
pick oil: OILS
ingredients: [1/3|1/2] cup mayonnaise / <1-2> tablespoons [fresh |]lime juice / 1
    {extra}, [thinly sliced|diced] / <1-2> pounds {filling} / <4-8> {bread} / <4-8>
    slices {cheese} / 1 teaspoon [ground |]{spice}
step: [Stir|Mix|Whisk] [together |]mayonnaise, lime juice, and {herb} in [small
    |]bowl. {SEASON} [Cover and chill.|]
step: [Sprinkle|Rub] {filling} with {spice}, [1/2|3/4|1] teaspoon salt, and
    [1/4|1/2] teaspoon pepper. [Let stand <10-20> minutes.|]
step: Heat {oil} in [large |][skillet|nonstick skillet] over [medium-high|high]
    heat. [Cook|Add and cook] until [browned|cooked through|golden], about <3-6>
    minutes per side. [Top with {cheese} [during last minute|and cover until
    melted].|]
step: [Toast|Warm|Grill] {bread} [in oven|in dry skillet|until lightly charred][,
    about <1-2> minutes|].
step: [Spread|Spoon] sauce [over|onto] {bread}. [Fill|Top|Layer] with {filling},
    {extra}, and {herb}. {SERVE}

dish: pudding
share: 4
calories: 400
titles: {flavor} [Pudding|Mousse|Pots de Crème][ with {liqueur}|] / {flavor} [Panna
    Cotta|Custard|Flan|Crème Brûlée] / {flavor} [Mousse|Pudding] with {berries}
categories: Dessert / Custard / Milk/Cream / Dinner Party / Chill
pick flavor addition flavor_line: FLAVORS
pick liqueur: LIQUEURS
pick berry berries: BERRIES
pick oven: 300 / 325
pick dish: ramekins / custard cups / glasses / dessert dishes
ingredients: [1 1/2|2|2 1/2] cups [heavy cream|whole milk] / [1/3|1/2|2/3] cup sugar
    / <3-6> large egg yolks / {flavor_line} / <1-2> tablespoons {liqueur} / 1
    teaspoon [vanilla extract|unflavored gelatin]
step: [{PREHEAT} |][Bring|Heat] cream [and half of sugar |]to [a |]simmer in
    [medium|heavy] saucepan[ over medium heat|]. [Add|Stir in] {addition}[ and whisk
    until smooth|]. [Sprinkle gelatin over [2|3] tablespoons water and let soften
    <1-5> minutes; stir into cream.|]
step: Whisk yolks and [remaining |]sugar in [large |]bowl. [Gradually whisk|Slowly
    pour] [hot |]cream mixture into yolks. [Stir in {liqueur}.|]
step: [Strain into [measuring |]pitcher.|] [Pour|Divide] [custard|mixture]
    [into|among] <4-8> {dish}.
step: [Set {dish} in [roasting|baking] pan; add enough hot water to come halfway up
    sides. Bake until [just set|edges are set but centers move slightly], about
    <25-50> minutes. Remove from water.|]
step: {CHILL} [Top with [whipped cream|{berries}|chocolate shavings].|] [Serve
    [chilled|cold].|]

dish: fruit sauce
share: 4
calories: 90
titles: {fruit} [Salsa|Chutney|Relish|Compote] / {fruit} and {onion}
    [Chutney|Relish|Salsa] / {fruit} [Jam|Sauce][ with {liqueur}|]
categories: Condiment/Spread / Sauce / Fruit / Quick & Easy
pick fruit fruits: ORCHARD / BERRIES / tomato = tomatoes / mango = mangoes
pick herb: HERBS
pick liqueur: LIQUEURS
pick onion: shallot / onion / garlic
pick acid: lime juice / lemon juice / cider vinegar
ingredients: <2-3> cups chopped {fruits} / [1/4|1/3|1/2] cup [chopped |]{onion} /
    <1-2> tablespoons {acid} / [1/4|1/2] cup [packed |]fresh {herb} / [1/4|1/2]
    teaspoon salt
step: [Combine|Stir together|Mix] {fruits}, [{onion}|{onion}|sugar], and {acid} in
    [medium|large|small] [bowl|saucepan].
step: [Bring to [a |]boil over [medium|high] heat[, stirring often|]. Reduce heat
    and simmer until [thickened|reduced to [1|1 1/2|2] cups|{fruits} are tender],
    about <10-35> minutes.|Let stand at room temperature <15-30> minutes[ to blend
    flavors|].]
step: [Stir in [{herb}|{liqueur}|1/4 cup {herb}].|] {SEASON} [Cover and
    [chill|refrigerate].|Cool[ completely|]. (Can be made <1-7> days ahead. Cover
    and refrigerate.)|Serve [warm|at room temperature].]

dish: herb sauce
share: 2
calories: 120
titles: {herb} Pesto[ with {nut}|] / {herb} [Vinaigrette|Aioli|Salsa Verde] / {herb}
    and {herb2} [Pesto|Sauce|Dressing]
categories: Condiment/Spread / Sauce / No-Cook / Quick & Easy
pick herb (2): HERBS
pick nut: NUTS
pick onion: shallots / garlic / capers
pick acid: lime juice / lemon juice / cider vinegar
ingredients: [1/2|1|2] cups [packed |]fresh {herb} / [1/4|1/2] cup {herb2} /
    [1/4|1/2] cup {nut} / <1-2> tablespoons {acid} / [1/3|1/2] cup olive oil
step: [Toast {nut} in dry skillet until golden, about <3-8> minutes; cool.|]
step: [Blend|Pulse|Finely chop] {herb}, {herb2}, {nut}, {onion}, and {acid} in
    [processor|blender]. [With machine running, gradually add oil.|Add oil in a slow
    stream and blend until smooth.]
step: {SEASON} [Transfer to small bowl.|] [(Can be made <1-3> days ahead. Cover and
    chill.)|Thin with water if too thick.|]
"""
DESCRIPTIONS = [
    "[A simple|A quick|An easy|A make-ahead|A hearty|A light] {title} for [a weeknight|"
    "company|the holidays|a picnic|a cold evening].",
    "[Leftovers keep well|This tastes even better the next day], so make [plenty|twice "
    "as much].",
    "Pour [a glass of [red|white] wine|cold beer|iced tea] with this.",
]
RATINGS = [0.0, 1.25, 1.875, 2.5, 3.125, 3.75, 4.375, 4.375, 3.75, 5.0]
ALTERNATIVES = re.compile(r"\[([^\[\]]*)\]")
PLURAL_OF_ONE = re.compile(
    r"(?<![\d/-])\b1 (cup|day|hour|minute|ounce|pound|tablespoon|teaspoon)s\b"
)
NUMBER = re.compile(r"<(\d+)-(\d+)>")


def parse(grammar: str) -> tuple[dict[str, str], list[list[tuple[str, str]]]]:
    """Return the named lists and wordings, and each dish as (head, body) lines."""
    named: dict[str, str] = {}
    dishes: list[list[tuple[str, str]]] = []
    for line in grammar.replace("\n    ", " ").splitlines():
        head, _, body = line.partition(": ")
        if head == "dish":
            dishes.append([])
        if head.isupper():
            named[head] = body
        elif head:
            dishes[-1].append((head, body))
    return named, dishes


NAMED, DISHES = parse(GRAMMAR)


def options(body: str) -> list[str]:
    """Return the list that stands in the grammar as ``A / 2 x B / NAME``."""
    listed = []
    for item in body.split(" / "):
        count, _, repeated = item.partition(" x ")
        if item in NAMED:
            listed += options(NAMED[item])
        else:
            listed += [repeated] * int(count) if repeated else [item]
    return listed


def expand(rng: random.Random, template: str, picked: dict[str, str]) -> str:
    """Fill the slots, choose wordings from the inside out, draw the numbers."""
    text = template
    while "{" in text:
        text = text.format_map(NAMED | picked)
    while "[" in text:
        text = ALTERNATIVES.sub(lambda m: rng.choice(m[1].split("|")), text)

    def draw(match: re.Match) -> str:
        low, high = int(match[1]), int(match[2])
        step = 5 if low >= 10 and low % 5 == high % 5 == 0 else 1
        return str(rng.randrange(low, high + 1, step))

    text = " ".join(NUMBER.sub(draw, text).split())
    text = re.sub(r" ([.,;:])", r"\1", text)  # where the last word was left out
    return PLURAL_OF_ONE.sub(r"1 \1", text)


def pick(rng: random.Random, dish: list[tuple[str, str]]) -> dict[str, str]:
    """Fill the slots of a dish from its ``pick`` lines."""
    picked = {}
    for head, body in dish:
        if not head.startswith("pick "):
            continue
        slots, _, count = head[5:].rstrip(")").partition(" (")
        names = slots.split() if " " in slots else [slots, f"{slots}_line"]
        for number, option in enumerate(rng.sample(options(body), int(count or 1)), 1):
            values = expand(rng, option, {}).split(" = ")
            values += values[: len(names) - len(values)]  # no line: the name serves
            for name, value in zip(names, values, strict=True):
                picked[name + (str(number) if number > 1 else "")] = value
    return picked


def in_title_case(text: str) -> str:
    """Write every word with a capital, but for the small ones."""
    small = ("and", "with", "of", "de")
    words = text.replace("-", "- ").split(" ")
    words = [w if w in small else w[:1].upper() + w[1:] for w in words]
    return " ".join(words).replace("- ", "-")


def capitalise(text: str) -> str:
    """Begin every sentence with a capital."""
    return re.sub(r"(^|\. )([a-z])", lambda m: m[1] + m[2].upper(), text)


def write_recipe(rng: random.Random, dish: list[tuple[str, str]]) -> dict:
    """Write one recipe for a dish, with the keys of the real file."""
    lines = dict(dish)
    picked = pick(rng, dish)
    title = in_title_case(expand(rng, rng.choice(options(lines["titles"])), picked))
    steps = [body for head, body in dish if head == "step"]
    steps = [capitalise(expand(rng, step, picked)) for step in steps]
    ingredients = [
        expand(rng, line, picked) for line in lines["ingredients"].split(" / ")
    ]
    categories = rng.sample(options(lines["categories"]), rng.randint(2, 4))
    description = None
    if rng.random() < 0.4:
        template = rng.choice(DESCRIPTIONS)
        description = expand(rng, template, {"title": title.lower()})
    calories = fat = protein = sodium = None
    if rng.random() < 0.8:
        calories = float(int(lines["calories"]) * rng.randint(70, 140) // 100)
        fat = calories * rng.randint(25, 55) // 900
        protein = calories * rng.randint(5, 25) // 400
        sodium = float(rng.randint(5, 900))
    added = datetime(1998, 1, 1, 5) + timedelta(days=rng.randint(0, 6500))
    return {
        "directions": [step for step in steps if step],
        "fat": fat,
        "date": added.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "categories": categories,
        "calories": calories,
        "desc": description,
        "protein": protein,
        "rating": rng.choice(RATINGS),
        "title": title,
        "ingredients": list(dict.fromkeys(ingredients)),
        "sodium": sodium,
    }


def add_flaws(rng: random.Random, recipes: list[dict]) -> list[dict]:
    """Return the recipes with the faults of the real file, in random order.

    Of 100 titles 30 end in a space and of 100 first steps 5 in white space; 30 recipes
    stand twice, 12 have no title, 16 no directions and 19 are empty objects.
    """
    for recipe in recipes:
        if rng.random() < 0.3:
            recipe["title"] += " "
        if rng.random() < 0.05:
            recipe["directions"][0] += rng.choice(["  ", "\n", " \t"])
    chosen = rng.sample(recipes, 58)
    for recipe in chosen[:12]:
        recipe["title"] = None
    for recipe in chosen[12:24]:
        recipe["directions"] = None
    for recipe in chosen[24:28]:
        recipe["directions"] = []
    recipes = recipes + chosen[28:] + [{} for _ in range(19)]
    rng.shuffle(recipes)
    return recipes


def build_json() -> bytes:
    """Return the JSON text: a list of records, one on each line."""
    rng = random.Random(SEED)
    shares = [int(dict(dish)["share"]) for dish in DISHES]
    recipes = [write_recipe(rng, d) for d in rng.choices(DISHES, shares, k=N_RECIPES)]
    records = add_flaws(rng, recipes)
    lines = ",\n".join(json.dumps(record, ensure_ascii=False) for record in records)
    return f"[{lines}]\n".encode()


def build() -> bytes:
    """Return the bytes of recipes.json.gz."""
    return gzip.compress(build_json(), compresslevel=9, mtime=0)


def main() -> None:
    """Write the file."""
    OUTPUT.write_bytes(build())
    print(f"{OUTPUT.name}: {OUTPUT.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
